"""Deviations as people read them: the clause, what was found, and where each stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.urls import reverse

from tracker.admin.alert_card import person
from tracker.admin.step_words import step_label
from tracker.evaluation import deviation_key, fact_of, holds_of, versions_of
from tracker.models import Deviation, DeviationStatus, Participant, RecordedFact
from tracker.wording import Described, Voice, describe, rules_words
from tracker.wording.clauses import ClauseWords, clause_words
from workflow.facts import Fact
from workflow.findings import Finding, Outcome, Reason
from workflow.stages import Step


@dataclass(frozen=True, slots=True)
class DeviationRow:
    """One deviation in a list."""

    clause: ClauseWords
    drafted: str
    url: str
    status: str
    state: str
    is_draft: bool


_STATES = {DeviationStatus.DRAFT: "stale", DeviationStatus.CLOSED: "met", DeviationStatus.VOID: "not_applicable"}
"""The colours, which deviations share with findings."""


@dataclass(frozen=True, slots=True)
class DeviationWords:
    """One deviation in full. `words` is the clause with its own words and what was found."""

    words: Described
    outcome: str
    status: str
    state: str
    step: str
    happened: str
    reason: str
    drafted: str
    reported_by: str
    rules: str


def deviation_rows(voice: Voice, participant: Participant) -> list[DeviationRow]:
    """Every deviation that stands: those that nobody has signed yet before those that are closed, the newest first."""
    standing = participant.deviations.exclude(status=DeviationStatus.VOID).order_by("-drafted_at", "-pk")
    rows = [_row(voice, each) for each in standing]
    return sorted(rows, key=lambda row: not row.is_draft)


def _row(voice: Voice, deviation: Deviation) -> DeviationRow:
    return DeviationRow(
        clause=clause_words(voice, deviation.clause), drafted=voice.at(deviation.drafted_at), url=url_of(deviation),
        status=str(deviation.get_status_display()).capitalize(), state=_STATES[DeviationStatus(deviation.status)],
        is_draft=deviation.status == DeviationStatus.DRAFT,
    )  # fmt: skip


def url_of(deviation: Deviation) -> str:
    """The deviation's own page."""
    return reverse("admin:tracker_deviation_change", args=[deviation.pk])


def deviation_words(voice: Voice, deviation: Deviation) -> DeviationWords:
    """One deviation in words."""
    record = deviation.step_record
    return DeviationWords(
        words=_finding_words(voice, deviation),
        outcome=deviation.evidence.get("outcome", Outcome.FAIL.value),
        status=str(deviation.get_status_display()).capitalize(),
        state=_STATES[DeviationStatus(deviation.status)],
        step=step_label(voice, Step(record.step)) if record else "",
        happened=voice.at(record.happened_at) if record else "",
        reason=record.reason if record else "",
        drafted=voice.at(deviation.drafted_at),
        reported_by=person(deviation.reported_by) if deviation.reported_by else "",
        rules=rules_words(deviation.protocol_version, deviation.protocol_hash),
    )


def _finding_words(voice: Voice, deviation: Deviation) -> Described:
    decided = versions_of(deviation.participant).get(deviation.protocol_version, voice.protocol)
    return describe(_finding(voice, deviation), decided, voice.zone, voice.language, voice.as_of)


def _finding(voice: Voice, deviation: Deviation) -> Finding:
    """What the rule answered when the deviation was drafted, on the versions of the facts it looked at."""
    kept: dict[str, Any] = deviation.evidence
    facts = tuple(_facts(voice, kept.get("facts", ())))
    return Finding(
        Outcome(kept.get("outcome", Outcome.FAIL)), Reason(kept.get("reason", Reason.DEPENDS_ON_UNKNOWN)),
        deviation.clause, kept.get("subject", ""), facts, limit=kept.get("limit", ""), window=kept.get("window", ""),
    )  # fmt: skip


def _facts(voice: Voice, kept: Any) -> Iterator[Fact]:
    for fact in kept:
        if (number := deviation_key(fact["key"])) is not None:
            held_by = Deviation.objects.select_related("step_record").get(pk=number)
            yield from islice(holds_of(held_by, voice.protocol, {}), 1)
            continue
        row = RecordedFact.objects.filter(key=fact["key"], version=fact["version"]).first()
        if row is not None:
            yield fact_of(row, voice.protocol, row.zone)
