"""Whatever happened and whatever is moved: the preview is what the system shows after saving, field by field."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.builders import House, fresh
from tests.machine.planning import NEXT
from tests.machine.prepared import WHO, Prepared, everybody
from tests.machine.rows import rows_of
from tracker.errors import Refused
from tracker.models import Notification, Participant
from tracker.services import deadlines, facts
from tracker.services.facts import FactEntry
from tracker.services.pictures import picture_of
from tracker.services.plans import plan_steps
from tracker.services.whatif import Preview, preview
from workflow.facts import Moment
from workflow.site_calendar import SiteCalendar
from workflow.stages import GUARDED_STEPS, Stage, Step

pytestmark = pytest.mark.django_db
SEEN: Counter[str] = Counter()
"""What came about how often: a property over stories in which nothing happens holds of anything."""


@pytest.fixture(scope="module")
def whoever(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Prepared]]:
    """People at every place of the journey, recorded once and gone afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield everybody()
        transaction.set_rollback(True)


MINUTES = st.one_of(st.integers(-30, 3 * 1440), st.integers(0, 20 * 1440))
HAPPENED = st.tuples(
    st.sampled_from(("negative", "positive", "rejected", "", "transfusion", "systemic_infection", "hold", "passes")),
    st.integers(0, 600),
    st.integers(0, 40),
)
STORIES = st.fixed_dictionaries({
    "who": st.sampled_from(WHO),
    "planned": st.none() | st.integers(1, 60),
    "happened": st.lists(HAPPENED, max_size=4),
    "sent": st.booleans(),
    "moved": MINUTES,
    "others": st.dictionaries(st.sampled_from(GUARDED_STEPS), MINUTES, max_size=2),
    "whole_day": st.booleans(),
})  # fmt: skip
"""Who it is about; in how many hours her next step was planned, if it was; what happened since, how long after what
was before and how long ago; whether the mail went out; and to how many minutes from now steps are moved.
"""


# Shrinking a story on a database takes longer than reading it.
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=min(400, max(100, settings.default.max_examples)),  # type: ignore[union-attr]
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(story=STORIES)
def test_the_preview_is_what_the_system_shows_after_saving(whoever: dict[str, Prepared], story: dict[str, Any]) -> None:
    with transaction.atomic():
        prepared = whoever[story["who"]]
        now = lived(prepared, story)
        compared(prepared.house, prepared.participant, plans_of(prepared.participant, story, now), now)
        transaction.set_rollback(True)


def lived(prepared: Prepared, story: dict[str, Any]) -> datetime:
    """What happened before anybody thought of moving anything; the instant at which somebody does."""
    house, participant, now = prepared.house, prepared.participant, prepared.now
    if story["planned"]:
        plans = {next_step(participant): now + timedelta(hours=story["planned"])}
        plan_steps(participant=participant, plans=plans, by=house["crc"], now=now)
    for what, minutes, hours in story["happened"]:
        now += timedelta(minutes=minutes, seconds=1)
        deadlines.sweep(now)
        happened = (now - timedelta(hours=hours)).replace(second=0, microsecond=0)
        _happens(house, participant, what, happened, now)
    if story["sent"]:
        Notification.objects.filter(status="pending").update(status="sent", sent_at=now)
    return now + timedelta(seconds=1)


def next_step(participant: Participant) -> Step:
    """What comes next in the journeys that the stories begin with."""
    return NEXT[Stage(fresh(participant).stage)]


def plans_of(participant: Participant, story: dict[str, Any], now: datetime) -> dict[Step, Moment]:
    """What is asked about: the next step, and others."""
    minutes = story["others"] | {next_step(participant): story["moved"]}
    instants = {step: now + timedelta(minutes=each) for step, each in minutes.items()}
    day = SiteCalendar(participant.zone).local_date
    return {step: day(each) if story["whole_day"] else each for step, each in instants.items()}


def _happens(house: House, participant: Participant, what: str, when: datetime, now: datetime) -> None:
    known: dict[str, Any] = {"participant": participant, "now": now}
    if what in {"transfusion", "systemic_infection", "hold"}:
        facts.record_fact(entry=FactEntry(what, when, detail="Reason"), by=house["pi"], **known)
    elif what != "passes":
        entry = FactEntry("serum_hcg", when, value=what, resulted_at=when if what else None)
        facts.record_fact(entry=entry, by=house["crc"], **known)


def compared(house: House, participant: Participant, plans: dict[Step, Moment], now: datetime) -> None:
    """Ask, save, and look: refused alike, or equal in every field, now and as time goes on."""
    arguments: dict[str, Any] = {"participant": fresh(participant), "plans": plans, "by": house["crc"], "now": now}
    before = rows_of(participant)
    try:
        found: Preview | None = preview(**arguments)
    except Refused:
        found = None
    assert rows_of(participant) == before
    SEEN["asked"] += 1
    if found is None:
        SEEN["refused"] += 1
        with pytest.raises(Refused):
            plan_steps(**arguments, reason="No bed")
        return
    assert found.before.without_keys() == picture_of(fresh(participant), now).without_keys()
    plan_steps(**arguments, reason="No bed")
    assert found.after.without_keys() == picture_of(fresh(participant), now).without_keys()
    SEEN["told at once"] += bool(found.told_at_once)
    SEEN["withdrawn"] += bool(found.after.withdrawn_since(found.before))
    SEEN["coming"] += bool(found.newly_coming)
    until = max(SiteCalendar(participant.zone).end(each) for each in plans.values())
    assert foreseen(found, until) == happens(participant, now, until)


def foreseen(found: Preview, until: datetime) -> list[tuple[Any, ...]]:
    return [
        (each.at, each.clause, each.rung, each.kind, each.recipient) for each in found.coming_after if each.at <= until
    ]


def happens(participant: Participant, now: datetime, until: datetime) -> list[tuple[Any, ...]]:
    """What is written when time really passes after saving."""
    there = set(Notification.objects.values_list("pk", flat=True))
    while (wakes := fresh(participant).reassess_after) is not None and wakes <= until:
        deadlines.sweep(max(wakes, now))
    mine = Notification.objects.filter(alert__deadline__participant=participant).exclude(pk__in=there)
    columns = ("created_at", "alert__deadline__clause", "alert__rung", "kind", "recipient__username")
    return list(mine.order_by("created_at", "pk").values_list(*columns))


def test_the_stories_bring_about_what_a_preview_is_for() -> None:
    assert SEEN["refused"] < SEEN["asked"] / 2
    shallow = [what for what in ("told at once", "withdrawn", "coming") if not SEEN[what]]
    assert shallow == [], dict(SEEN)
