"""Amendments: what identifies the content of a version, and what the next version must keep."""

import re
from pathlib import Path

import pytest

from tests.amended import AMENDED, FIRST, shipped_from, written_to
from tests.workflow.builders import RELMA
from tests.workflow.documents import shipped_text
from workflow.amendments import contradictions, fingerprint
from workflow.loading import (
    load_protocol,
    parse_protocol,
    shipped_protocol,
    shipped_versions,
    versions_to_go_on_to,
)
from workflow.mistakes import Mistake, ProtocolInvalid
from workflow.stages import Step


def refused(path: Path) -> tuple[Mistake, ...]:
    with pytest.raises(ProtocolInvalid) as caught:
        load_protocol(path)
    return caught.value.mistakes


def slip(folder: Path, old: str, new: str) -> tuple[Mistake, ...]:
    """What is said of the amendment with one passage written otherwise."""
    path = written_to(folder)
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return refused(path)


def test_the_hash_is_that_of_the_content_as_json() -> None:
    # printf '{"id":"β","rules":["a",null]}' | sha256sum
    expected = "2909c7a541fe6398049e15243bd56a7ce11831796d5d68444471fa4eb36fb29d"
    assert fingerprint({"id": "β", "rules": ["a", None]}) == expected


def test_the_hash_ignores_comments_blank_lines_quotes_and_line_ends() -> None:
    text = re.sub(r" +# R-\w+$", "", shipped_text(), flags=re.MULTILINE)
    assert text != shipped_text()
    bare = "\n\n# a comment\n" + text.replace('version: "1"', "version: '1'").replace("\n", "\r\n")
    assert parse_protocol(bare).hash == RELMA.hash
    assert re.fullmatch("[0-9a-f]{64}", RELMA.hash)


@pytest.mark.parametrize(
    ("old", "new"),
    [("at_least: 1000 /uL", "at_least: 1001 /uL"), ("text: ANC ≥ 1000/uL", "text: ANC ≥ 1000 /uL"),
     ("title: Neutrophils", "title: neutrophils")],
)  # fmt: skip
def test_the_hash_changes_with_every_word_and_number(old: str, new: str) -> None:
    assert parse_protocol(shipped_text().replace(old, new)).hash != RELMA.hash


def test_the_order_of_what_is_written_is_part_of_it() -> None:
    assert fingerprint({"a": "1", "b": "2"}) != fingerprint({"b": "2", "a": "1"})
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])


def test_an_amendment_that_takes_nothing_away_is_read(tmp_path: Path) -> None:
    assert load_protocol(written_to(tmp_path)).version == "2"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "id: relma-cel-ssc\nversion",
            "id: relma-cel-sle\nversion",
            ("id", "'relma-cel-sle' amends 'relma-cel-ssc'", "an amendment keeps the id of its trial"),
        ),
        (
            'version: "2"',
            'version: "1"',
            ("version", "an earlier file has the version '1' as well", "every version has its own name"),
        ),
        (
            "  partner_of_childbearing_potential: {kind: answer,",
            "  partner_of_childbearing_potential: {kind: result,",
            (
                "concepts.partner_of_childbearing_potential.kind",
                "'partner_of_childbearing_potential' was of the kind 'answer', and is 'result'",
                "a concept of another kind has another name",
            ),
        ),
    ],
)
def test_what_an_amendment_may_not_change(tmp_path: Path, old: str, new: str, told: tuple[str, str, str]) -> None:
    said = slip(tmp_path, old, new)
    assert [(each.where, each.message, each.hint) for each in said] == [told]
    assert all(each.line > 1 for each in said)


def test_concepts_and_answers_on_record_stay_known(tmp_path: Path) -> None:
    path = written_to(tmp_path)
    first = tmp_path / f"{FIRST}.yaml"
    text = first.read_text(encoding="utf-8")
    text = text.replace("concepts:\n", "concepts:\n  old_test: {kind: event, label: Old, label_zh: 旧}\n")
    first.write_text(
        text.replace("answers:\n", "answers:\n  maybe: {label: Maybe, label_zh: 也许}\n"), encoding="utf-8"
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    assert {(each.line, each.where, each.message, each.hint) for each in refused(path)} == {
        (
            lines.index("concepts:") + 1,
            "concepts",
            "the concept 'old_test' is missing",
            "facts about it may be on record",
        ),
        (lines.index("answers:") + 1, "answers", "the answer 'maybe' is missing", "facts with it may be on record"),
    }


def test_starts_ends_and_holds_on_record_stay_what_they_were(tmp_path: Path) -> None:
    path = written_to(tmp_path)
    first = tmp_path / f"{FIRST}.yaml"
    text = first.read_text(encoding="utf-8")
    pause = "concepts:\n  pause: {kind: interval, label: Pause, label_zh: 暂停}\n"
    path.write_text(path.read_text(encoding="utf-8").replace("concepts:\n", pause), encoding="utf-8")
    text = text.replace("concepts:\n", pause)
    text = text.replace("concept: hold\n", "concept: pause\n").replace(
        "starts: follow_up_started", "starts: local_infection"
    )
    first.write_text(text, encoding="utf-8")
    assert {(each.where, each.message, each.hint) for each in refused(path)} == {
        ("hold.concept", "a hold was told by 'pause', and is told by 'hold'", "holds on record must stay holds"),
        (
            "steps.follow_up.starts",
            "the step 'follow_up' was told by 'local_infection', and is told by 'follow_up_started'",
            "starts on record must stay starts",
        ),
    }


def test_a_step_on_record_stays_a_step() -> None:
    steps = {step: each for step, each in RELMA.steps.items() if step is not Step.FOLLOW_UP}
    fewer = RELMA.model_copy(update={"steps": steps, "version": "2"})
    assert [each.message for each in contradictions(fewer, RELMA)] == [
        "the step 'follow_up' was told by 'follow_up_started', and is told by ''"
    ]


def test_what_is_amended_must_lie_beside_the_amendment(tmp_path: Path) -> None:
    path = written_to(tmp_path)
    (tmp_path / f"{FIRST}.yaml").unlink()
    (mistake,) = refused(path)
    assert (mistake.where, mistake.message) == ("amends", f"there is no {FIRST}.yaml beside this file")
    assert mistake.line == path.read_text(encoding="utf-8").splitlines().index(f"amends: {FIRST}") + 1


def test_versions_do_not_amend_each_other_in_a_circle(tmp_path: Path) -> None:
    path = written_to(tmp_path)
    first = tmp_path / f"{FIRST}.yaml"
    circle = first.read_text(encoding="utf-8").replace('version: "1"\n', f'version: "1"\namends: {AMENDED}\n')
    first.write_text(circle, encoding="utf-8")
    assert [each.message for each in refused(path)] == [f"{AMENDED!r} amends this version"]
    first.write_text(circle.replace(f"amends: {AMENDED}", f"amends: {FIRST}"), encoding="utf-8")
    assert [each.message for each in refused(first)] == [f"{FIRST!r} amends this version"]


def test_a_study_goes_on_to_its_own_version_or_to_one_that_amends_it(tmp_path: Path) -> None:
    written_to(tmp_path)
    with shipped_from(tmp_path):
        assert {each.name for each in versions_to_go_on_to(FIRST)} == {FIRST, AMENDED}
        assert [each.name for each in versions_to_go_on_to(AMENDED)] == [AMENDED]


def test_the_versions_of_a_trial_are_found_by_their_version(tmp_path: Path) -> None:
    written_to(tmp_path)
    other = shipped_text().replace("id: relma-cel-ssc\n", "id: another\n")
    (tmp_path / "another.yaml").write_text(other, encoding="utf-8")
    with shipped_from(tmp_path):
        assert {version: each.name for version, each in shipped_versions(AMENDED).items()} == {"1": FIRST, "2": AMENDED}
        assert shipped_versions(FIRST).keys() == {"1", "2"}
        assert shipped_versions("another").keys() == {"1"}
        assert shipped_protocol("another").name == "another"
    assert shipped_versions(FIRST).keys() == {"1"}
