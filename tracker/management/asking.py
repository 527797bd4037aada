"""What commands are asked about: a participant by the subject number, an instant with its offset."""

from datetime import datetime

from django.core.management.base import CommandError

from tracker.models import Participant


def participant_named(subject: str, study: str) -> Participant:
    """The participant with this subject number. Raises CommandError for none, and for several without a study."""
    found = Participant.objects.select_related("study", "site").filter(subject_number=subject)
    chosen = list(found.filter(study__code=study) if study else found)
    if not chosen:
        raise CommandError(f"no participant has the subject number {subject!r}")
    if len(chosen) > 1:
        codes = ", ".join(sorted(each.study.code for each in chosen))
        raise CommandError(f"{subject!r} exists in several studies: choose one with --study ({codes})")
    participant: Participant = chosen[0]
    return participant


def instant_typed(text: str) -> datetime:
    """An aware instant. Raises CommandError for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is not an instant: expected 2025-04-10T09:00:00+08:00") from error
    if instant.tzinfo is None:
        raise CommandError(f"{text!r} has no offset: expected 2025-04-10T09:00:00+08:00")
    return instant
