"""The shipped rules and the registered record: the same clauses, in the record's own words."""

from pathlib import Path

import pytest

from tests.workflow.builders import RELMA
from workflow.definitions import Rule

RECORD = (Path(__file__).parent / "record" / "relma-cel-ssc.txt").read_text(encoding="utf-8")

CLAUSES = """
    consent age diagnosis refractory_progressive infection_2w_apheresis vascular_access crcl anc alc hb plt
    no_transfusion_7d no_growth_factor_7d alt ast tbil inr pt lvef hcg_screening hcg_7d_enrol hcg_48h_ld
    contraception lactation
"""

OF_THE_RECORD = [rule for rule in RELMA.rules if rule.basis != "site practice"]
a_rule = pytest.mark.parametrize("rule", OF_THE_RECORD, ids=lambda rule: rule.id)


def test_every_clause_of_the_record_is_a_rule_and_every_other_rule_says_that_it_is_the_sites() -> None:
    assert sorted(rule.id for rule in OF_THE_RECORD) == sorted(CLAUSES.split())
    others = [rule for rule in RELMA.rules if rule not in OF_THE_RECORD]
    assert [rule.id for rule in others] == ["product_for_ld", "product_for_infusion"]
    assert all(rule.text.startswith("Site practice.") and rule.text_zh.startswith("中心惯例：") for rule in others)


@a_rule
def test_a_rule_quotes_the_record_character_for_character(rule: Rule) -> None:
    excerpts = rule.text.split(" … ")

    assert [excerpt for excerpt in excerpts if excerpt not in RECORD or not excerpt.strip()] == []


@a_rule
def test_the_excerpts_of_a_rule_stand_in_the_order_of_the_record(rule: Rule) -> None:
    starts = [RECORD.index(excerpt) for excerpt in rule.text.split(" … ")]

    assert starts == sorted(starts)


@a_rule
def test_a_rule_says_where_it_comes_from_in_both_languages(rule: Rule) -> None:
    assert rule.basis == "protocol"
    assert rule.title
    assert any("\u4e00" <= character <= "\u9fff" for character in rule.title_zh + rule.text_zh)


@a_rule
def test_a_reader_sees_the_words_without_the_escapes_of_the_mark_up(rule: Rule) -> None:
    assert "\\" not in rule.quote


def test_what_the_record_does_not_order_is_marked_as_the_sites_own() -> None:
    assert {rule.owed.basis for rule in RELMA.rules if rule.owed} == {"site practice"}
    assert len(RELMA.not_in_protocol) >= 5
    assert RELMA.dose_levels == ()


def test_the_study_is_as_large_as_the_record_says() -> None:
    assert f"Target number of participants: {RELMA.target_number}" in RECORD
