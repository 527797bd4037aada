"""What a timeline knows: the latest version of each thing, in order, and since when it is on record."""

from dataclasses import replace

from tests.workflow.builders import ENROLLED, Person, an_eligible_man, at, corrected, fact, plan, withdrawn
from workflow.anchors import Occurrence, occurrences
from workflow.facts import Fact, FactStatus
from workflow.stages import Step
from workflow.timeline import Timeline

MAN = an_eligible_man()
EARLY, LATE = "2026-03-05 09:00", "2026-03-06 09:00"


def timeline(*facts: Fact) -> Timeline:
    return Person(MAN.sex, facts).timeline()


def test_facts_stand_in_the_order_in_which_they_happened_and_equal_ones_as_they_were_recorded() -> None:
    first = fact("transfusion", "2026-03-05")
    second = fact("transfusion", "2026-03-05 00:00", recorded="2026-03-05 21:00")
    third = fact("transfusion", "2026-03-05 00:00:00.000001")
    known = timeline(third, second, first)

    assert known.done("transfusion") == [first, second, third]
    assert known.starts("transfusion") == [at("2026-03-05 00:00")] * 2 + [at("2026-03-05 00:00:00.000001")]
    assert (known.done("enrolment"), known.starts("enrolment")) == ([], [])


def test_the_latest_version_speaks_and_what_was_entered_in_error_does_not() -> None:
    entry = fact("weight", EARLY, "68 kg")
    better = corrected(entry, LATE, comparator="<")

    assert timeline(better, entry).done("weight") == [better]
    assert timeline(entry, withdrawn(entry, LATE)).done("weight") == []
    assert timeline(entry, withdrawn(entry, LATE)).latest_plan("weight") is None


def test_of_several_plans_the_one_recorded_last_counts_unless_it_was_cancelled() -> None:
    first = plan(Step.ENROL, "2026-03-12 10:00", recorded=EARLY, key="first")
    second = plan(Step.ENROL, "2026-03-10 10:00", recorded=LATE, key="second")
    cancelled = plan(
        Step.ENROL, "2026-03-10 10:00", recorded="2026-03-07 09:00", version=2, key="second", cancelled=True
    )

    assert timeline(second, first).latest_plan("enrolment") == second
    assert timeline(first, second, cancelled).latest_plan("enrolment") is None
    assert timeline().latest_plan("enrolment") is None


def test_a_thing_is_known_since_its_first_version_and_done_since_the_first_that_stayed_done() -> None:
    planned = plan(Step.ENROL, ENROLLED, recorded=EARLY)
    started = replace(planned, status=FactStatus.DONE, version=2, recorded_at=at(ENROLLED))
    moved = corrected(started, "2026-03-09 12:00")
    known = timeline(planned, started, moved)

    assert known.first_recorded(moved) == at(EARLY)
    assert known.recorded_as_done(moved) == at(ENROLLED)
    assert timeline(started).recorded_as_done(started) == at(ENROLLED)
    assert known.recordings({"enrolment"}) == {at(EARLY), at(ENROLLED), at("2026-03-09 12:00")}
    assert known.recordings({"consent"}) == set()


def test_what_was_known_before_an_instant_leaves_out_what_was_recorded_at_it() -> None:
    entry = fact("weight", EARLY, "68 kg")
    better = corrected(entry, LATE, comparator="<")
    known = timeline(entry, better)

    assert known.known_before(at(LATE)).every_version == (entry,)
    assert known.known_at(at(LATE)).every_version == (entry, better)
    assert known.known_before(at(LATE)).subject == known.subject
    assert known.known_before(at(LATE)).calendar.zone == known.calendar.zone


def test_occurrences_count_from_one_and_a_plan_recorded_after_the_last_start_opens_the_next() -> None:
    first, second = fact("leukapheresis_started", EARLY), fact("leukapheresis_started", LATE)
    again = plan(Step.LEUKAPHERESIS, "2026-03-20 09:00", recorded="2026-03-07 09:00")
    happened = (Occurrence(1, first, actual=True), Occurrence(2, second, actual=True))

    assert occurrences([first, second], None, at(LATE)) == happened
    assert occurrences([first, second], again, at(LATE)) == (*happened, Occurrence(3, again))
    assert occurrences([first, second], again, again.recorded_at) == happened
    assert occurrences([], again, None) == (Occurrence(1, again),)
    assert occurrences([], None, None) == (Occurrence(1),)
