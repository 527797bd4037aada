"""Reading protocol files: what is wrong is told all at once, each with its line and a hint; what ships is right."""

import re
from functools import cache
from typing import NamedTuple

import pytest

from tests.workflow.builders import RELMA
from tests.workflow.documents import SHIPPED, shipped_text, shipped_text_with
from workflow.loading import load_protocol, parse_protocol, shipped_protocol, shipped_protocols
from workflow.mistakes import Mistake, ProtocolInvalid, did_you_mean


def mistakes(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(ProtocolInvalid) as caught:
        parse_protocol(text)
    return caught.value.mistakes


def test_what_ships_has_no_mistake() -> None:
    assert shipped_protocols() == ("relma-cel-ssc",)
    assert load_protocol(SHIPPED) == RELMA
    assert shipped_protocol("relma-cel-ssc") == RELMA
    assert shipped_protocol("relma-cel-ssc") is shipped_protocol("relma-cel-ssc"), "read once"


def test_a_protocol_that_does_not_ship_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        shipped_protocol("another")


class Slip(NamedTuple):
    """One passage written wrongly; the line that is told is that of `sign` in what was written instead.

    `where` is the place as it is told, without the positions in lists.
    """

    old: str
    new: str
    sign: str
    where: str
    message: str
    hint: str = ""


SLIPS = [
    Slip(
        "target_number: 6", "target_number: 6\ntitle: again", "title: again",
        "title", "'title' is written twice; the first is on line 8", "keep one of the two",
    ),
    Slip(
        "measure: anc\n", "measure: ancc\n", "measure: ancc",
        "rules[].measure", "unknown concept 'ancc'", "did you mean 'anc'?",
    ),
    Slip(
        "  answer: diffuse_ssc\n", "  answer: diffuse_ssc\n  withn: x\n", "withn",
        "rules[].withn", "unknown key 'withn'", "did you mean 'within'?",
    ),
    Slip(
        "within: P2W before leukapheresis", "within: P2W", "within: P2W",
        "rules[].within", "'P2W' is not a directed window: expected a line like 'PT48H before first_ld_dose'",
    ),
    Slip(
        "within: P7D before enrolment", "within: P7D before enrolmnt", "enrolmnt",
        "rules[].within", "unknown anchor 'enrolmnt'", "did you mean 'enrolment'?",
    ),
    Slip(
        "out_by: first_ld_dose", "out_by: first_dose", "out_by: first_dose",
        "rules[].out_by", "unknown anchor 'first_dose'", "did you mean 'first_ld_dose'?",
    ),
    Slip(
        "lasts: {from: enrolment", "lasts: {from: enrol", "lasts: {from: enrol",
        "rules[].lasts.from", "unknown anchor 'enrol'", "did you mean 'enrolment'?",
    ),
    Slip(
        "at_least: 90 g/L", "at_least: 90 g/LL", "90 g/LL",
        "rules[].at_least", "'g/LL' is not a known unit; if you mean g/L or ug/L or ng/L, write that",
    ),
    Slip(
        "at_least: 75 10*9/L", "at_least: 75 10^9/L", "75 10^9/L",
        "rules[].at_least", "'10^9/L' is not a UCUM code", "write '10*9/L'",
    ),
    Slip(
        "at_least: 55 %", "at_least: fifty", "at_least: fifty",
        "rules[].at_least", "'fifty' is not a limit: expected '1000 /uL', '3 x ULN', '5 %' or a plain number",
    ),
    Slip(
        "answer: vascular_access\n", "answer: excess\n", "answer: excess",
        "rules[].answer", "unknown concept 'excess'",
    ),
    Slip(
        "血管通路\n  basis: protocol", "血管通路\n  basis: rumour", "basis: rumour",
        "rules[].basis", "input should be 'protocol', 'site practice' or 'reading', found 'rumour'",
    ),
    Slip(
        "- id: inr\n", "- id: pt\n", "- id: pt\n  gate: enrol\n  title: Prothrombin",
        "rules[].id", "the id 'pt' stands twice", "every rule and alarm has its own id",
    ),
    Slip(
        "applies_when: a_woman  ", "applies_when: a_man  ", "applies_when: a_man",
        "rules[].applies_when", "unknown condition 'a_man'", "did you mean 'a_woman'?",
    ),
    Slip(
        "inputs: {creatinine: creatinine", "inputs: {creatinine: creatinin", "creatinine: creatinin,",
        "concepts.crcl.calculated.inputs.creatinine", "unknown concept 'creatinin'", "did you mean 'creatinine'?",
    ),
    Slip(
        "attested_by: apheresis_nurse", "attested_by: nurse", "attested_by: nurse",
        "concepts.vascular_access.attested_by", "unknown role 'nurse'", "did you mean 'ward_nurse'?",
    ),
    Slip(
        "gate: leukapheresis", "gate: apheresis", "gate: apheresis",
        "rules[].gate", "unknown step 'apheresis'", "did you mean 'leukapheresis'?",
    ),
    Slip(
        "choices: [adequate, inadequate]", "choices: [adequate, poor]", "poor]",
        "concepts.vascular_access.choices[]", "unknown answer 'poor'",
        "expected one of: adequate, inadequate, indeterminate, negative, no, positive, rejected, yes",
    ),
    Slip(
        "formula: cockcroft_gault", "formula: mdrd", "formula: mdrd",
        "concepts.crcl.calculated.formula", "unknown formula 'mdrd'", "expected one of: cockcroft_gault",
    ),
    Slip(
        "  measure: plt\n", "", "- id: plt", "rules[]",
        "no kind of rule is named: expected one of answer, measure, age, change, none, event, sex, all, any, if",
    ),
]  # fmt: skip


@cache
def all_slips() -> str:
    """The shipped file with every slip in it."""
    text = shipped_text()
    for slip in SLIPS:
        assert text.count(slip.old) == 1, slip
        text = text.replace(slip.old, slip.new)
    return text


@cache
def all_mistakes() -> tuple[Mistake, ...]:
    return mistakes(all_slips())


def line_of(slip: Slip) -> int:
    assert all_slips().count(slip.sign) == 1, slip
    return all_slips()[: all_slips().index(slip.sign)].count("\n") + 1


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.sign for slip in SLIPS])
def test_a_slip_is_told_with_its_line_and_a_hint_however_many_others_there_are(slip: Slip) -> None:
    told = [mistake._replace(where=re.sub(r"\d+", "", mistake.where)) for mistake in all_mistakes()]

    assert Mistake(line_of(slip), slip.where, slip.message, slip.hint) in told, all_mistakes()


def test_every_slip_is_told_in_the_order_of_the_file_and_nothing_else_is() -> None:
    lines = [mistake.line for mistake in all_mistakes()]

    assert lines == sorted(lines)
    assert set(lines) == {line_of(slip) for slip in SLIPS}
    assert all(mistake.where for mistake in all_mistakes())


def test_what_is_owed_needs_a_window_before_its_own_step() -> None:
    found = mistakes(shipped_text_with("within: PT48H before first_ld_dose", "within: PT48H before infusion"))

    line = shipped_text()[: shipped_text().index("within: PT48H before first_ld_dose")].count("\n")
    assert [mistake[1:] for mistake in found] == [
        (
            "rules[21].owed", "what is owed needs a window before its own step",
            "write within: … before the anchor of the step that the rule guards",
        )
    ]  # fmt: skip
    assert abs(found[0].line - line) < 12


def test_a_unit_is_told_as_it_should_be_written() -> None:
    (mistake,) = mistakes(shipped_text_with("unit: mL/min,", "unit: ml/min,"))
    assert (mistake.where, mistake.message) == ("concepts.crcl.unit", "'ml/min' is not a UCUM code")
    assert mistake.hint == "write 'mL/min'"


def test_alarms_and_rules_share_no_id() -> None:
    alarm = shipped_text().split("\nalarms:\n", 1)[1].split("id: ", 1)[1].split()[0].strip(",")
    found = mistakes(shipped_text_with("- id: inr\n", f"- id: {alarm}\n"))
    assert f"the id '{alarm}' stands twice" in [mistake.message for mistake in found]


def with_plt_as(condition: str) -> str:
    """The shipped file with another condition in the place of the platelets' limit."""
    return shipped_text_with("  measure: plt\n", f"  {condition}\n").replace("  at_least: 75 10*9/L\n", "")


def test_a_condition_deep_within_a_rule_is_found_by_its_name() -> None:
    parse_protocol(with_plt_as("any: [{all: [{if: a_woman, then: {sex: female}, else: {sex: male}}]}]"))
    (mistake,) = mistakes(with_plt_as("any: [{all: [{if: a_man, then: {sex: female}, else: {sex: male}}]}]"))
    assert (mistake.where, mistake.message) == ("rules[10].any[0].all[0].if", "unknown condition 'a_man'")


def test_where_conditions_are_no_mapping_every_name_is_unknown() -> None:
    told = mistakes("conditions: a_woman or a man\nrules:\n  - id: x\n    applies_when: a_woman\n")
    assert "unknown condition 'a_woman'" in [mistake.message for mistake in told]


def test_an_unknown_condition_is_the_only_mistake_told_of_its_rule() -> None:
    (mistake,) = mistakes(shipped_text_with("applies_when: a_woman  ", "applies_when: a_man  "))
    assert mistake.message == "unknown condition 'a_man'"


def test_an_unknown_answer_is_told_with_the_nearest_one() -> None:
    (mistake, *_others) = mistakes(
        shipped_text_with("choices: [adequate, inadequate]", "choices: [adequate, inadequat]")
    )
    assert (mistake.message, mistake.hint) == ("unknown answer 'inadequat'", "did you mean 'inadequate'?")


def test_a_list_is_no_protocol() -> None:
    assert mistakes("- a\n- list\n") == (Mistake(1, "", "a protocol is a mapping of keys"),)


def test_the_error_reads_as_a_list_for_people() -> None:
    unknown = Mistake(3, "rules[0].measure", "unknown concept 'ancc'", "did you mean 'anc'?")
    error = ProtocolInvalid((unknown, Mistake(7, "rules[1].text", "field required")))

    assert str(error) == (
        "line 3: rules[0].measure: unknown concept 'ancc' (did you mean 'anc'?)\nline 7: rules[1].text: field required"
    )


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("ancc", ["alc", "anc"], "did you mean 'anc'?"),
        ("xyz", ["b", "a"], "expected one of: a, b"),
        (
            "xyz",
            [f"{letter}0" for letter in "abcdefghijkl"],
            "expected one of: a0, b0, c0, d0, e0, f0, g0, h0, i0, j0, k0, l0",
        ),
        ("xyz", [f"{letter}0" for letter in "abcdefghijklm"], ""),
    ],
)
def test_the_hint_for_an_unknown_word_is_the_nearest_one_or_all_if_they_are_no_more_than_twelve(
    word: str, known: list[str], hint: str
) -> None:
    assert did_you_mean(word, known) == hint


@pytest.mark.parametrize(
    "text",
    ["", "text", "- a\n- list", "id: [", "\t", "{}", "rules: 3", "rules: [3]", "concepts: x", "rules:\n- id: [a]"],
)
def test_a_file_that_is_no_protocol_at_all_is_refused_with_a_reason(text: str) -> None:
    assert all(mistake.message and mistake.line >= 1 for mistake in mistakes(text))
