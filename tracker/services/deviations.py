"""Deviations completed by a person, and closed by the principal investigator's signature."""

from datetime import datetime

from django.utils.translation import gettext as _

from tracker import access
from tracker.errors import DeviationClosed, DeviationInvalid, DeviationVoid, NotTheirsToSign
from tracker.models import Deviation, DeviationStatus, Participant, Role, User
from tracker.services import signatures
from tracker.services.reasons import demanded
from tracker.services.signatures import Signing
from tracker.services.transactions import change_of

TEXTS = ("cause", "impact", "action")
LONGEST = 4000


def complete(
    *, deviation: Deviation, cause: str, impact: str, action: str, by: User, now: datetime, reason: str = ""
) -> Deviation:  # fmt: skip
    """Write what is known of cause, impact and action so far; any may be left blank until it is signed.

    A text that is written already is changed with a reason only.

    Raises NotAllowed, DeviationClosed, and DeviationInvalid with everything that is wrong.
    """
    with change_of(deviation.participant, access.Action.COMPLETE_DEVIATION, by=by, now=now, reason=reason.strip()):
        row = _draft(deviation)
        texts = {"cause": cause.strip(), "impact": impact.strip(), "action": action.strip()}
        words = {"number": LONGEST}
        errors = {
            name: [_("At most %(number)d characters.") % words] for name, text in texts.items() if len(text) > LONGEST
        }
        if errors:
            raise DeviationInvalid(errors)
        if any(getattr(row, name) not in ("", text) for name, text in texts.items()):
            demanded(reason, DeviationInvalid)
        for name, text in texts.items():
            setattr(row, name, text)
        row.save(update_fields=list(TEXTS))
    return row


def close(*, deviation: Deviation, by: User, now: datetime, signing: Signing | None) -> Deviation:
    """Sign a deviation and close it, which releases the steps it holds.

    Raises NotAllowed, NotTheirsToSign for anybody but a principal investigator of the site who did not report it
    herself, DeviationClosed, DeviationInvalid where a text is missing, and SignatureMissing.
    """
    with change_of(deviation.participant, access.Action.CLOSE_DEVIATION, by=by, now=now) as participant:
        row = _draft(deviation)
        if refusal := why_not_theirs(row, participant, by, now):
            raise NotTheirsToSign(refusal)
        if missing := [name for name in TEXTS if not getattr(row, name)]:
            raise DeviationInvalid({name: [_("Write this before it is signed.")] for name in missing})
        accepted = signatures.demand(signing, by, signatures.hash_of(signatures.content_of_deviation(row)))
        row.status, row.closed_at = DeviationStatus.CLOSED, now
        row.save(update_fields=["status", "closed_at"])
        signatures.sign_deviation(row, accepted, now)
    return row


def why_not_theirs(deviation: Deviation, participant: Participant, by: User, now: datetime) -> str:
    """Why this person may not sign this deviation; "" where they may."""
    if Role.PI not in access.roles_of(by, participant, now.astimezone(participant.zone).date()):
        return _("Only a principal investigator of this site signs a deviation.")
    if by.pk in deviation.reporters:
        return _("You reported this yourself: another principal investigator of this site signs it.")
    return ""


def _draft(deviation: Deviation) -> Deviation:
    """The row as it is now; the participant's lock is held."""
    row = Deviation.objects.select_related("step_record", "participant__study", "participant__site").get(
        pk=deviation.pk
    )
    if not row.is_draft:
        raise DeviationVoid if row.status == DeviationStatus.VOID else DeviationClosed
    return row
