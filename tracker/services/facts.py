"""Facts: recorded, completed by a result or an end, corrected with a reason; never changed."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracker.access import Action
from tracker.errors import FactInvalid
from tracker.evaluation import STUDY_ZONE, protocol_of
from tracker.models import FactStatus, Participant, RecordedFact, Study, User
from tracker.services import ledger, versions
from tracker.services.entries import EXIT_CONCEPTS, Check, FactEntry
from tracker.services.plans import cancel_plan, plan_step
from tracker.services.reasons import demanded
from tracker.services.transactions import change_of, change_of_study
from workflow.facts import Moment
from workflow.protocol import Protocol
from workflow.site_calendar import SiteCalendar
from workflow.stages import Stage, Step
from workflow.versions import CONSENT

__all__ = [
    "FactEntry",
    "action_for",
    "cancel_plan",
    "correct_fact",
    "date_on_record",
    "end_interval",
    "plan_step",
    "record_all",
    "record_fact",
    "record_panel",
    "record_result",
    "withdraw_fact",
    "would_be",
]


def record_fact(
    *, entry: FactEntry, by: User, now: datetime, participant: Participant | None = None, study: Study | None = None,
    reason: str = "",
) -> RecordedFact:  # fmt: skip
    """Record one thing that happened, was measured, attested or drawn; or, of a study, a date of the study itself.

    A blank value of a laboratory result is a sample whose result is not out yet. A date of the study that is on record
    already is moved by this, and that alone demands the reason. Raises NotAllowed, and FactInvalid
    with everything that is wrong.
    """
    if participant is None:
        if study is None:
            raise ValueError("a fact is about a participant or about a study: neither is given")
        return _record_for_study(study, entry, by=by, now=now, reason=reason)
    with change_of(participant, action_for(entry.concept, protocol_of(participant)), by=by, now=now) as row:
        return ledger.add(row, _checked(row, entry, now), by=by, now=now)


def record_panel(
    *, participant: Participant, entries: Iterable[FactEntry], by: User, now: datetime
) -> list[RecordedFact]:
    """Record several facts, all or none. The keys of FactInvalid.errors are `concept.field`."""
    return record_all(participant=participant, entries={entry.concept: entry for entry in entries}, by=by, now=now)


def record_all(
    *, participant: Participant, entries: Mapping[str, FactEntry], by: User, now: datetime
) -> list[RecordedFact]:
    """Record several facts in their order, all or none. The keys of FactInvalid.errors are `name.field`."""
    with change_of(participant, Action.RECORD_FACT, by=by, now=now) as row:
        columns, errors = [], {}
        for name, entry in entries.items():
            try:
                columns.append(_checked(row, entry, now))
            except FactInvalid as invalid:
                errors.update({f"{name}.{field}": said for field, said in invalid.errors.items()})
        if errors:
            raise FactInvalid(errors)
        return [ledger.add(row, each, by=by, now=now) for each in columns]


def would_be(*, participant: Participant, entry: FactEntry, now: datetime) -> dict[str, Any]:
    """The columns that an entry would be recorded in; nothing is written. Raises FactInvalid."""
    return _checked(participant, entry, now)


def record_result(
    *, fact: RecordedFact, value: str, by: User, now: datetime, resulted_at: datetime | None = None, unit: str = "",
    upper_limit: str = "", comparator: str = "=", detail: str = "", kept: bool = False,
) -> RecordedFact:  # fmt: skip
    """Complete a collected sample by its result; needs no reason. Without `resulted_at` it was out just now.

    `kept` says that a number that people rarely have was asked about, and is kept.
    """
    if fact.value:
        raise FactInvalid({"value": [_("This sample has its result already: correct it, with the reason.")]})
    if not value.strip():
        raise FactInvalid({"value": [_("Give the result.")]})
    changes: dict[str, Any] = {
        "value": value, "unit": unit, "upper_limit": upper_limit, "comparator": comparator, "kept": kept,
    }  # fmt: skip
    entry = _entry_of(fact, **changes, resulted_at=resulted_at or now, detail=detail or fact.detail)
    return _new_version(fact, entry, by=by, now=now)


def end_interval(*, fact: RecordedFact, until: Moment, by: User, now: datetime) -> RecordedFact:
    """Record the end of something that lasts; needs no reason."""
    if fact.until is not None:
        raise FactInvalid({"until": [_("This has its end already: correct it, with the reason.")]})
    return _new_version(fact, _entry_of(fact, until=until), by=by, now=now)


def correct_fact(*, fact: RecordedFact, entry: FactEntry, reason: str, by: User, now: datetime) -> RecordedFact:
    """Replace what a fact says by a new version; the old one stays. The reason is demanded."""
    if entry.concept != fact.concept:
        raise FactInvalid(
            {"concept": [_("A correction keeps the kind of entry: withdraw this one and record another.")]}
        )
    said = demanded(reason, FactInvalid)
    if entry.at != fact.moment and _is_of_a_step(fact):
        raise FactInvalid({"at": [_("This time was recorded by a step: correct the step, in the journal.")]})
    answered = replace(entry, kept=entry.kept or (bool(fact.questioned) and _says_the_same(entry, fact)))
    return _new_version(fact, answered, by=by, now=now, reason=said)


def withdraw_fact(*, fact: RecordedFact, reason: str, by: User, now: datetime) -> RecordedFact:
    """Say that a fact was entered in error; it stays readable, and counts no more. The reason is demanded."""
    said = demanded(reason, FactInvalid)
    _must_be_open_to_change(fact)
    if _is_date_of_study(fact):
        raise FactInvalid({"__all__": [_("A date of the study is corrected, not withdrawn.")]})
    if _is_of_a_step(fact):
        raise FactInvalid({"__all__": [_("This was recorded by a step: take the step back, in the journal.")]})
    with _change_of_owner(fact, by=by, now=now, reason=said):
        return ledger.add_version(fact, {"status": FactStatus.ENTERED_IN_ERROR}, by=by, now=now, reason=said)


def action_for(concept: str, protocol: Protocol) -> Action:
    """What recording a concept takes: a hold is the investigators', and so is using a product out of specification.

    An end of the journey, or of a part of it, that no step records takes what the exits take.
    """
    if any(exit_.event == concept for exit_ in protocol.exits):
        return Action.EXIT
    if protocol.product and concept == protocol.product.decision:
        return Action.ACCEPT_PRODUCT
    return Action.HOLD if concept == protocol.hold.concept else Action.RECORD_FACT


def _record_for_study(study: Study, entry: FactEntry, *, by: User, now: datetime, reason: str) -> RecordedFact:
    action = action_for(entry.concept, protocol_of(study))
    with change_of_study(study, action, by=by, now=now, reason=reason) as row:
        protocol = protocol_of(row)
        concept = protocol.concepts.get(entry.concept)
        is_hold = entry.concept == protocol.hold.concept
        if concept and not concept.study_level and not is_hold:
            raise FactInvalid({"concept": [_("This is recorded for a participant, not for the study.")]})
        columns = _columns_of_study(row, entry, now)
        if is_hold:
            return ledger.add(row, columns, by=by, now=now)
        earlier = date_on_record(row, entry.concept)
        planned = {**columns, "status": FactStatus.PLANNED}
        if earlier is None:
            return ledger.add(row, planned, by=by, now=now)
        return ledger.add_version(earlier, planned, by=by, now=now, reason=demanded(reason, FactInvalid))


def date_on_record(study: Study, concept: str) -> RecordedFact | None:
    """The speaking version of a date of the study, if one was recorded."""
    return study.facts.filter(concept=concept).order_by("recorded_at", "version").last()


def _checked(participant: Participant, entry: FactEntry, now: datetime) -> dict[str, Any]:
    """The columns of an entry about a participant; what a step or the study records is refused here."""
    protocol = protocol_of(participant)
    concept = protocol.concepts.get(entry.concept)
    if concept and concept.study_level:
        raise FactInvalid({"concept": [_("This is recorded for the study, not for a participant.")]})
    again = entry.concept == EXIT_CONCEPTS[Step.RESCREEN] and participant.stage == Stage.SCREEN_FAILED.value
    if again or entry.concept in _by_steps(protocol):
        raise FactInvalid({"concept": [_("This is recorded by taking the step.")]})
    return _check(participant, protocol, entry, now)


def _check(
    participant: Participant, protocol: Protocol, entry: FactEntry, now: datetime, corrected: RecordedFact | None = None
) -> dict[str, Any]:
    _must_say_why(entry, protocol)
    calendar = SiteCalendar(participant.zone)
    if entry.concept != CONSENT:
        return Check(entry, protocol, calendar, now, participant.birth_date).fields()
    entry = versions.naming_version(participant, entry, corrected)
    offered = tuple(each.version for each in versions.offered_to(participant))
    columns = Check(entry, protocol, calendar, now, participant.birth_date, offered).fields()
    versions.must_not_go_back(participant, entry, corrected)
    return columns


def _columns_of_study(study: Study, entry: FactEntry, now: datetime) -> dict[str, Any]:
    protocol = protocol_of(study)
    _must_say_why(entry, protocol)
    return Check(entry, protocol, SiteCalendar(STUDY_ZONE), now).fields()


def _must_say_why(entry: FactEntry, protocol: Protocol) -> None:
    if entry.concept == protocol.hold.concept and not entry.detail.strip():
        raise FactInvalid({"detail": [_("Give the reason of the hold.")]})


def _is_of_a_step(fact: RecordedFact) -> bool:
    """Whether a step that stands recorded this, or may have: then the two change together."""
    if fact.participant is None:
        return False
    of_a_step = fact.participant.steps.standing().filter(fact__key=fact.key)
    return fact.concept in _by_steps(protocol_of(fact.participant)) or of_a_step.exists()


def _by_steps(protocol: Protocol) -> frozenset[str]:
    """The concepts that only a step records."""
    exits = {concept for step, concept in EXIT_CONCEPTS.items() if step is not Step.RESCREEN}
    return frozenset(exits | {definition.starts for definition in protocol.steps.values()})


def _new_version(fact: RecordedFact, entry: FactEntry, *, by: User, now: datetime, reason: str = "") -> RecordedFact:
    _must_be_open_to_change(fact)
    if _is_date_of_study(fact):
        raise FactInvalid({"__all__": [_("A date of the study is moved by recording the new date.")]})
    with _change_of_owner(fact, by=by, now=now, reason=reason) as owner:
        if isinstance(owner, Study):
            columns = _columns_of_study(owner, entry, now)
        else:
            columns = _check(owner, protocol_of(owner), entry, now, fact)
        blank = {"value": "", "unit": "", "comparator": "=", "upper_limit": "", "resulted_at": None, "typed": ""}
        blank |= {"questioned": ""}
        return ledger.add_version(fact, {**blank, **columns}, by=by, now=now, reason=reason)


def _says_the_same(entry: FactEntry, fact: RecordedFact) -> bool:
    """Whether the number that was asked about is the one that stands now."""
    sign = "" if fact.comparator == "=" else fact.comparator
    return (entry.value.replace(" ", ""), entry.unit) == (f"{sign}{fact.value}", fact.unit)


def _is_date_of_study(fact: RecordedFact) -> bool:
    return fact.study is not None and fact.concept != protocol_of(fact.study).hold.concept


def _change_of_owner(
    fact: RecordedFact, *, by: User, now: datetime, reason: str
) -> AbstractContextManager[Participant] | AbstractContextManager[Study]:
    """The transaction about whom a fact is about: a participant, or, of a hold, a whole study."""
    if fact.participant is not None:
        action = action_for(fact.concept, protocol_of(fact.participant))
        return change_of(fact.participant, action, by=by, now=now, reason=reason)
    if fact.study is None:
        raise ValueError(f"fact {fact.pk} is about neither a participant nor a study")
    action = action_for(fact.concept, protocol_of(fact.study))
    return change_of_study(fact.study, action, by=by, now=now, reason=reason)


def _must_be_open_to_change(fact: RecordedFact) -> None:
    if fact.status == FactStatus.PLANNED:
        raise FactInvalid({"__all__": [_("This is a plan: move it or cancel it.")]})
    if fact.status != FactStatus.DONE:
        raise FactInvalid({"__all__": [_("This entry was withdrawn: record it anew.")]})


def _entry_of(fact: RecordedFact, **changes: Any) -> FactEntry:
    """What was typed for a fact, but for the changes."""
    kept: dict[str, Any] = {
        "concept": fact.concept, "at": fact.moment, "value": fact.value, "unit": fact.unit,
        "upper_limit": fact.upper_limit, "comparator": fact.comparator, "until": fact.until_moment,
        "resulted_at": fact.resulted_at, "detail": fact.detail, "dose": fact.dose, "route": fact.route,
        "laboratory": fact.laboratory, "kept": bool(fact.questioned),
    }  # fmt: skip
    return FactEntry(**{**kept, **changes})
