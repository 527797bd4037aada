"""Row 15, validation evidence, the protocol included: by which rules was it decided, and are they still the same?"""

from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.urls import reverse
from pytest_django.fixtures import Settings
from time_machine import Traveller

from tests.amended import AMENDED, FIRST, forget
from tests.builders import ENROLLED, House, at, collected_woman, enrolled_woman, record, screened_woman, take
from tests.flushing import unaudited
from tests.tracker.admin.conftest import Enter
from tracker.models import Deviation, Signature, StepRecord, Study
from tracker.services.signatures import changed_since, hash_of
from workflow.loading import shipped_protocol
from workflow.stages import Step

pytestmark = pytest.mark.django_db


def replayed() -> tuple[list[str], int]:
    out = StringIO()
    try:
        call_command("replay_decisions", stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), error.returncode
    return out.getvalue().splitlines(), 0


def at_start() -> list[tuple[str, str, bool]]:
    """What the start-up check says of the rules: its id, its words, and whether it stops the start."""
    found = run_checks(databases=["default"], include_deployment_checks=False)
    return [(str(each.id), str(each.msg), each.is_serious()) for each in found if each.id == "tracker.E006"]


def rewrite(folder: Path, old: str, new: str) -> None:
    path = folder / f"{FIRST}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    forget()


def test_the_hash_of_the_rules_is_stored_with_every_decision(house: House) -> None:
    woman = screened_woman(house)
    record(woman, "transfusion", "2026-03-08 09:00", by=house["crc"])
    step = take(woman, Step.ENROL, ENROLLED, by=house["pi"], reported_afterwards=True, reason="Not seen in time")
    expected = shipped_protocol(FIRST).hash
    assert len(expected) == 64
    assert step.protocol_hash == expected
    assert set(Deviation.objects.values_list("protocol_version", "protocol_hash")) == {("1", expected)}
    assert [signature.content["protocol_hash"] for signature in Signature.objects.all()] == [expected]


def test_the_version_and_the_hash_are_shown_with_every_decision(house: House, enter: Enter, clock: Traveller) -> None:
    step = take(screened_woman(house), Step.ENROL, ENROLLED, by=house["pi"])
    clock.move_to(at("2026-03-09 12:00"))
    client = enter(house["pi"])
    page = reverse("admin:tracker_participant_change", args=[step.participant_id])
    words = f"protocol version 1 ({step.protocol_hash[:12]})"
    shown = client.get(page).content.decode()
    assert f"happened Mon 9 Mar 10:00, {words}" in shown
    assert shown.count(words) >= 2, "in the journal and under the signature"
    then = client.get(page, {"known": step.recorded_at.isoformat()}).content.decode()
    assert f"judged for its start, Mon 9 Mar 10:00, by {words}" in then


def test_a_signature_binds_the_rules_that_decided(house: House) -> None:
    step = take(screened_woman(house), Step.ENROL, ENROLLED, by=house["pi"])
    signature = step.signatures.get()
    assert changed_since(signature) == ()
    with unaudited():
        StepRecord.objects.update(protocol_hash="0" * 64)
    assert changed_since(Signature.objects.get()) == ("protocol_hash",)


def test_a_signature_from_before_rules_had_a_hash_still_covers(house: House) -> None:
    take(screened_woman(house), Step.ENROL, ENROLLED, by=house["pi"])
    with unaudited():
        StepRecord.objects.update(protocol_hash="")
    signature = Signature.objects.get()
    content = {key: said for key, said in signature.content.items() if key != "protocol_hash"}
    signature.content, signature.content_hash = content, hash_of(content)
    assert changed_since(signature) == ()


def test_old_decisions_replay_to_the_same_answer_under_the_same_rules(house: House, two_versions: Path) -> None:
    collected_woman(house)
    rewrite(two_versions, "# R-7D", "# a comment changes no rule")
    assert replayed() == ([*replayed()[0][:-1], "2 passed, 0 failed"], 0)
    assert at_start() == []


def test_rules_that_were_changed_in_place_are_named_and_stop_the_start(house: House, two_versions: Path) -> None:
    step = StepRecord.objects.get(participant=enrolled_woman(house))
    rewrite(two_versions, "at_least: 1000 /uL", "at_least: 900 /uL")
    now = shipped_protocol(FIRST).hash
    was, reads = step.protocol_hash[:12], now[:12]
    lines, code = replayed()
    changed = f"the file of protocol version 1 was changed: decided by {was}, {FIRST}.yaml is {reads} now"
    assert (lines[0].partition("DIFFERS: ")[2], code) == (changed, 1)
    said = f"{FIRST}.yaml (version 1) was changed: steps on record were decided by {was}, it is {reads} now"
    assert at_start() == [("tracker.E006", said, True)]


def test_in_a_demo_it_only_warns(house: House, two_versions: Path, settings: Settings) -> None:
    enrolled_woman(house)
    rewrite(two_versions, "at_least: 1000 /uL", "at_least: 900 /uL")
    settings.DEMO = True
    assert [serious for _id, _said, serious in at_start()] == [False]


def test_a_version_that_is_gone_is_named_and_stops_the_start(house: House, two_versions: Path) -> None:
    enrolled_woman(house)
    with unaudited():
        StepRecord.objects.update(protocol_version="0")
    assert "decided by protocol version 0, whose file is not there any more (there: 1, 2)" in replayed()[0][0]
    assert at_start() == [
        ("tracker.E006", "protocol relma-cel-ssc version 0, which decided steps on record, is gone", True)
    ]


def test_a_protocol_file_that_is_gone_is_named_and_stops_the_start(house: House, two_versions: Path) -> None:
    enrolled_woman(house)
    Study.objects.create(code="NEXT", title="Next", protocol_id=AMENDED, target_number=1)
    (two_versions / f"{AMENDED}.yaml").unlink()
    (two_versions / f"{FIRST}.yaml").rename(two_versions / "other.yaml")
    forget()
    lines, code = replayed()
    assert (lines[0].partition("DIFFERS: ")[2], code) == (f"the protocol file {FIRST}.yaml is not there any more", 1)
    assert [said for _id, said, _serious in at_start()] == [
        f"the protocol file {AMENDED}.yaml is gone", f"the protocol file {FIRST}.yaml is gone",
    ]  # fmt: skip


def test_what_was_decided_before_rules_had_a_hash_is_replayed_all_the_same(house: House, two_versions: Path) -> None:
    enrolled_woman(house)
    with unaudited():
        StepRecord.objects.update(protocol_hash="")
    rewrite(two_versions, "title: Neutrophils", "title: neutrophils")
    assert replayed()[1] == 0
    assert at_start() == []
