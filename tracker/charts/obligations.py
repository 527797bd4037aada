"""Windows on a timeline: from when until when something is owed, and how long an obligation lasts."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from tracker.charts.evidence import lane_of
from tracker.charts.items import Item, Lane, Shape
from tracker.charts.words import spanned
from tracker.wording import Voice, clause_title, state_words
from tracker.wording.joining import about, phrased
from workflow.answers import Evaluation
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.findings import Outcome, Reason
from workflow.site_calendar import SiteCalendar

_LOOK_BACKS = (Reason.LOOK_BACK_NOT_DOCUMENTED, Reason.LOOK_BACK_INCOMPLETE)


def obligation_items(voice: Voice, calendar: SiteCalendar, evaluation: Evaluation) -> Iterator[tuple[Lane, Item]]:
    """Every window with two ends, and everything that lasts through a day."""
    for deadline in evaluation.deadlines:
        if deadline.required_through and deadline.opens_at:
            lane = Lane(f"lasts-{deadline.clause}", _title(voice, deadline))
            yield lane, _lasting(voice, deadline, deadline.opens_at, calendar.end(deadline.required_through))
        elif deadline.opens_at and deadline.due_at and deadline.finding and not _is_told_by_its_evidence(deadline):
            lane = lane_of(voice, deadline.finding.subject)
            yield lane, _window(voice, lane, deadline, (deadline.opens_at, deadline.due_at), evaluation.as_of)


def _is_told_by_its_evidence(deadline: Deadline) -> bool:
    """Whether a bar says it already: evidence lies in the window, and how long it serves is known."""
    finding = deadline.finding
    is_met = deadline.status is DeadlineStatus.MET
    return is_met and finding is not None and finding.valid_until is not None


def _title(voice: Voice, deadline: Deadline) -> str:
    return clause_title(voice.protocol, deadline.clause, voice.language)


def _window(voice: Voice, lane: Lane, deadline: Deadline, ends: tuple[datetime, datetime], now: datetime) -> Item:
    opens, due = ends
    outcome = deadline.finding.outcome if deadline.finding else Outcome.MISSING
    shape, status, pattern = _told(deadline, outcome, now)
    title = _title(voice, deadline)
    label = pattern % {"opens": voice.at(opens), "due": voice.through(due)} if pattern else title
    return Item(
        lane.key, shape, opens, _("Window: %(clause)s") % {"clause": title}, spanned(voice, opens, due), status, label,
        about(lane.title, label) if pattern else title, end=due, clause=deadline.clause, outcome=outcome.value,
    )  # fmt: skip


def _told(deadline: Deadline, outcome: Outcome, now: datetime) -> tuple[Shape, str, str]:
    """How a window is drawn, what its state is called, and the pattern of its label; "" for the clause's title."""
    if not deadline.status.is_owed:
        return Shape.COVERED, state_words(outcome), ""
    reason = deadline.finding.reason if deadline.finding else Reason.NOTHING_RECORDED
    if reason is Reason.EVENT_IN_WINDOW:
        return Shape.COVERED, state_words(outcome), _("looked back over until %(due)s: not free of it")
    if reason in _LOOK_BACKS:
        return Shape.ABSENT, _("look-back owed"), _("look-back to document by %(due)s")
    if deadline.status is DeadlineStatus.OVERDUE:
        return Shape.ABSENT, _("overdue"), _("was due %(due)s")
    if deadline.opens_at and deadline.opens_at > now:
        return Shape.WANTED, _("opens later"), _("wanted from %(opens)s to %(due)s")
    if outcome is Outcome.MISSING:
        return Shape.ABSENT, _("open, nothing recorded"), _("nothing recorded yet, due %(due)s")
    return Shape.WANTED, _("open"), _("wanted now, until %(due)s")


def _lasting(voice: Voice, deadline: Deadline, opens: datetime, last: datetime) -> Item:
    status = _("over") if deadline.status is DeadlineStatus.MET else _("in force")
    label = _("through %(day)s") % {"day": voice.through(last)}
    return Item(
        f"lasts-{deadline.clause}", Shape.LASTING, opens, _title(voice, deadline), spanned(voice, opens, last), status,
        label, phrased([_title(voice, deadline), label]), end=last, clause=deadline.clause,
    )  # fmt: skip
