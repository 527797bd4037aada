"""Protocol versions: which one a study follows, which one a consent names, and by which one something was decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tracker.audit.context import acting
from tracker.errors import FactInvalid, NotAllowed, StudyInvalid
from tracker.evaluation import first_protocol_of, protocol_of, versions_of
from tracker.models import FactStatus, Participant, RecordedFact, Study, User
from tracker.services.entries import FactEntry
from tracker.services.ledger import latest_versions
from workflow.answers import Gate
from workflow.loading import versions_to_go_on_to
from workflow.protocol import Protocol
from workflow.site_calendar import SiteCalendar
from workflow.versions import CONSENT


def adopt(*, study: Study, protocol_id: str, reason: str, by: User, now: datetime) -> Study:
    """Let new participants consent to another version of the study's protocol from now on, never to an earlier one.

    Whoever has consented or taken a step keeps the version she is under until she consents to another. The reason goes
    into the audit trail. Raises NotAllowed for anybody but a superuser, and StudyInvalid.
    """
    if not (by.is_active and by.is_superuser):
        raise NotAllowed
    said = _checked(study, protocol_id, reason)
    with acting(actor=by.pk, reason=said), transaction.atomic():
        row = Study.objects.select_for_update().get(pk=study.pk)
        row.protocol_id = protocol_id
        row.save(update_fields=["protocol_id"])
        free = row.participants.filter(steps__isnull=True).exclude(facts__concept=CONSENT)
        free.update(protocol_id=protocol_id, first_protocol_id=protocol_id, reassess_after=now)
    return row


def _checked(study: Study, protocol_id: str, reason: str) -> str:
    errors: dict[str, list[str]] = {}
    offered = [protocol.name for protocol in versions_to_go_on_to(study.protocol_id)]
    if protocol_id not in offered:
        words = {"value": protocol_id, "choices": ", ".join(offered)}
        errors["protocol_id"] = [_("“%(value)s” is not one of: %(choices)s.") % words]
    if not reason.strip():
        errors["reason"] = [_("Give the reason.")]
    elif len(reason.strip()) > 500:
        errors["reason"] = [_("At most 500 characters.")]
    if errors:
        raise StudyInvalid(errors)
    return reason.strip()


def offered_to(participant: Participant) -> tuple[Protocol, ...]:
    """What somebody may have consented to: the study's version and those that it amends, newest first."""
    return protocol_of(participant.study).lineage


def naming_version(participant: Participant, entry: FactEntry, corrected: RecordedFact | None) -> FactEntry:
    """A consent with the version it is to, where none was typed: the study's; a corrected one keeps its own."""
    if entry.concept != CONSENT or entry.value.strip():
        return entry
    if corrected is None:
        return replace(entry, value=protocol_of(participant.study).version)
    return replace(entry, value=version_of_consent(participant, corrected))


def version_of_consent(participant: Participant, consent: RecordedFact) -> str:
    """The version that a recorded consent is to; one from before versions were named is to the first."""
    return consent.value or first_protocol_of(participant).version


def must_not_go_back(participant: Participant, entry: FactEntry, corrected: RecordedFact | None) -> None:
    """Refuse a consent to an older version than one before it, or to a newer one than one after it: FactInvalid."""
    offered = [protocol.version for protocol in offered_to(participant)]
    calendar, own = SiteCalendar(participant.zone), corrected.key if corrected else None
    rows = [row for row in latest_versions(participant, CONSENT) if row.key != own and row.value in offered]
    for row in _standing(rows):
        is_before = row.at <= calendar.start(entry.at)
        earlier, later = (row.value, entry.value) if is_before else (entry.value, row.value)
        if offered.index(later) > offered.index(earlier):
            words = {"version": row.value, "day": row.at.astimezone(participant.zone).date().isoformat()}
            said = _(
                "This does not fit the consent of %(day)s, which is to version %(version)s: a version never goes back."
            )
            raise FactInvalid({"value": [said % words]})


def _standing(rows: Sequence[RecordedFact]) -> list[RecordedFact]:
    return [row for row in rows if row.status == FactStatus.DONE]


def decided_by(participant: Participant, gate: Gate | None) -> Protocol:
    """By which version something was decided: the gate's; without a gate, the one she is under."""
    return versions_of(participant)[gate.version] if gate else protocol_of(participant)
