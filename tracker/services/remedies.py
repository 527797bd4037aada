"""Remedies: the one thing to do that a finding asks for, and whether it can still clear the step in time."""

from dataclasses import dataclass
from datetime import datetime

from tracker.evaluation import deviation_key
from tracker.models import Work
from tracker.wording.evidence import decisive
from workflow.findings import Clearing, Finding, Reason, Remedy
from workflow.protocol import Protocol
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step

_TOO_LATE = (Remedy.NOTHING, Remedy.WAIT_UNTIL, Remedy.END_OF_EVENT)
"""What moves the step itself, or ends at a time that nobody knows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to do: what, about which concept, step or clause, and about which fact. `opens_at`: not before."""

    action: Work
    subject: str = ""
    row: str = ""
    opens_at: datetime | None = None


def asked_by(
    finding: Finding, step: Step, anchor: datetime | None, protocol: Protocol, calendar: SiteCalendar
) -> Asked:
    """What clears a finding that stops a step; first of all, what would show that the clause does not apply."""
    deciding = decisive(finding.unless or finding)
    clearing = deciding.clearing or finding.clearing or Clearing(Remedy.NOTHING)
    if clearing.remedy in _ABOUT_A_FACT and deciding.evidence:
        return _about_a_fact(deciding, clearing.remedy)
    match clearing.remedy:
        case Remedy.WAIT_UNTIL:
            return Asked(Work.LATER, step.value, opens_at=clearing.starts_from)
        case Remedy.DOCUMENT_LOOK_BACK if review := protocol.look_backs.get(deciding.subject):
            day = calendar.midnight(calendar.local_date(anchor)) if anchor else None
            return Asked(Work.LOOK_BACK, review, opens_at=day)
        case Remedy.RECORD if deciding.reason is Reason.NO_ANCHOR:
            return Asked(Work.PLAN, step.value)
        case Remedy.NOTHING:
            return Asked(Work.DECIDE, finding.clause)
    return _recorded(deciding.subject, clearing, protocol) or Asked(Work.DECIDE, finding.clause)


def can_clear(finding: Finding) -> bool:
    """Whether something can still be done about it before the planned start; False also where nobody can tell."""
    deciding = decisive(finding.unless or finding)
    clearing = deciding.clearing or finding.clearing
    if clearing is None or clearing.remedy in _TOO_LATE:
        return False
    return not any(part.reason is Reason.HAPPENED for part in deciding.parts if clearing.remedy is Remedy.EARLIER_STEP)


_ABOUT_A_FACT = {
    Remedy.WAIT_FOR_RESULT: Work.RESULT,
    Remedy.END_OF_EVENT: Work.END,
    Remedy.ADD_UPPER_LIMIT: Work.LIMIT,
    Remedy.RELEASE: Work.RELEASE,
}


def _about_a_fact(finding: Finding, remedy: Remedy) -> Asked:
    """The fact in question: of several events, one that has not ended. An unsigned deviation is asked for by itself."""
    fact = next((fact for fact in finding.evidence if fact.until is None), finding.evidence[0])
    if remedy is Remedy.RELEASE and (number := deviation_key(fact.key)) is not None:
        return Asked(Work.DEVIATION, row=str(number))
    return Asked(_ABOUT_A_FACT[remedy], fact.concept, fact.key)


def _recorded(subject: str, clearing: Clearing, protocol: Protocol) -> Asked | None:
    """What is to be recorded; None for what no form is offered for."""
    derivation = protocol.derivation_of(subject) if subject in protocol.concepts else None
    name = next(iter(derivation.inputs.values())) if derivation else subject
    concept = protocol.concepts.get(name)
    starts = {definition.starts for definition in protocol.steps.values()}
    if concept is None or concept.study_level or name in starts:
        return None
    if concept.kind == "quantity":
        return Asked(Work.PANEL) if concept.panel else Asked(Work.MEASURE, name)
    action = Work.SAMPLE if concept.kind == "result" else Work.RECORD
    return Asked(action, name, opens_at=clearing.draw_from)
