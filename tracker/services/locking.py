"""The participant's row, locked: whoever holds it is alone with the participant until the transaction ends."""

from tracker.models import Participant


def lock(pk: int) -> Participant:
    """The row as it is now, with its study and site. Waits for whoever holds it. Raises Participant.DoesNotExist.

    On SQLite the transaction itself holds the one write lock of the database.
    """
    rows = Participant.objects.select_related("study", "site").select_for_update(of=("self",))
    row: Participant = rows.get(pk=pk)
    return row
