"""What a protocol says about a clause by its id: its rule, its step, whose words it is, and what staff call it."""

import pytest

from tests.workflow.builders import RELMA
from workflow.rules.happened import Happened
from workflow.stages import Stage, Step


@pytest.mark.parametrize(
    ("clause", "step"),
    [
        ("anc", Step.ENROL),
        ("hcg_48h_ld", Step.LYMPHODEPLETION),
        ("plan_infusion", Step.INFUSION),
        ("held_leukapheresis", Step.LEUKAPHERESIS),
        ("expiring_hcg_48h_ld", Step.LYMPHODEPLETION),
        ("serum_hcg_review", None),
        ("order", None),
    ],
)
def test_a_clause_is_about_the_step_that_it_guards_plans_or_held(clause: str, step: Step | None) -> None:
    assert RELMA.step_of(clause) is step


def test_a_rule_is_found_by_its_id_and_nothing_else_is() -> None:
    assert RELMA.find_rule("anc") is RELMA.rule("anc")
    assert RELMA.rule("anc").id == "anc"
    assert RELMA.find_rule("serum_hcg_review") is None
    with pytest.raises(KeyError):
        RELMA.rule("serum_hcg_review")


@pytest.mark.parametrize(
    ("clause", "basis"),
    [
        ("anc", "protocol"),
        ("product_for_ld", "site practice"),
        ("serum_hcg_review", "site practice"),
        ("hold", "site practice"),
        ("held_infusion", "site practice"),
        ("expiring_anc", "site practice"),
        ("product_review", "site practice"),
        ("order", "protocol"),
        ("terminal", "protocol"),
    ],
)
def test_every_clause_says_whose_words_it_is(clause: str, basis: str) -> None:
    assert RELMA.basis_of(clause) == basis


@pytest.mark.parametrize(
    ("clause", "label", "label_zh"),
    [
        ("diagnosis", "Diffuse systemic sclerosis, 2013 ACR criteria", "弥漫性系统性硬化症（2013年ACR标准）"),
        ("serum_hcg_review", "A serum β-hCG result or sample needs a decision", "血清β-hCG结果或标本需要处理"),
        ("hold", "No hold", "无暂停"),
        ("product_review", "The product needs a decision", "产品需要处理决定"),
        (
            "expiring_diagnosis",
            "Diffuse systemic sclerosis, 2013 ACR criteria: evidence expires while nothing is planned",
            "弥漫性系统性硬化症（2013年ACR标准）：证据即将过期，且尚无计划",
        ),
        ("held_infusion", "Start infusion: No hold", "开始回输：无暂停"),
        (
            "plan_enrol",
            "Enrol: planned time has passed: started, moved or cancelled?",
            "入组：计划时间已过：已开始、改期还是取消？",
        ),
    ],
)
def test_every_clause_has_a_heading_in_both_languages(clause: str, label: str, label_zh: str) -> None:
    heading = RELMA.heading(clause)

    assert (heading.label, heading.label_zh) == (label, label_zh)


def test_an_event_depends_on_what_undoes_it_and_on_what_it_must_not_lie_before() -> None:
    event = {"event": "product_released", "later_than_any": ["manufacturing_failed"]}

    assert Happened.model_validate(event).concepts() == ("product_released", "manufacturing_failed")
    assert Happened.model_validate({**event, "since": "leukapheresis_started"}).concepts() == (
        "product_released", "manufacturing_failed", "leukapheresis_started",
    )  # fmt: skip


def test_what_is_no_clause_has_no_heading() -> None:
    with pytest.raises(KeyError):
        RELMA.heading("order")


def test_the_journey_ends_with_its_completion_or_with_an_exit() -> None:
    assert {stage for stage in Stage if stage.is_terminal} == {
        Stage.COMPLETED, Stage.SCREEN_FAILED, Stage.WITHDRAWN, Stage.DIED, Stage.LOST_TO_FOLLOW_UP,
    }  # fmt: skip


def test_a_clause_is_quoted_without_the_escapes_of_the_record() -> None:
    escaped = [rule for rule in RELMA.rules if "\\" in rule.text]

    assert escaped
    assert [rule.quote for rule in escaped] == ["".join(rule.text.split("\\")) for rule in escaped]


def test_the_journey_moves_by_what_starts_and_ends_its_steps_and_back_by_what_undoes_them() -> None:
    assert RELMA.journey_events == {
        "enrolment", "leukapheresis_started", "leukapheresis_completed", "manufacturing_failed",
        "lymphodepletion_started", "lymphodepletion_completed", "infusion_cancelled", "infusion_started",
        "infusion_completed", "follow_up_started", "study_completed",
    }  # fmt: skip


def test_a_clause_has_the_reminders_that_its_kind_tells_of() -> None:
    owed, evidence, product = RELMA.rule("hcg_48h_ld").owed, RELMA.expiring_evidence, RELMA.product
    assert owed is not None
    assert evidence is not None
    assert product is not None
    (alarm, *_others) = RELMA.alarms
    assert RELMA.reminders_of("hcg_48h_ld") == owed.reminders != ()
    assert RELMA.reminders_of("anc") == ()
    assert RELMA.reminders_of("expiring_hcg_48h_ld") == evidence.reminders != ()
    assert RELMA.reminders_of(alarm.id) == (alarm.reminder,)
    assert RELMA.reminders_of("plan_infusion") == (RELMA.unanswered_plans.reminder,)
    assert RELMA.reminders_of("product_review") == (product.reminder,)
    assert RELMA.reminders_of("hold") == RELMA.reminders_of("held_infusion") == (RELMA.told_of_reports,)


def test_what_has_no_id_has_no_reminders() -> None:
    with pytest.raises(KeyError, match="no_such_clause"):
        RELMA.reminders_of("no_such_clause")


def test_each_kind_of_event_is_looked_for_by_its_own_look_back() -> None:
    assert RELMA.look_backs["transfusion"] == "transfusion_review"
    assert RELMA.look_backs["systemic_infection"] == "infection_review"
    assert "serum_hcg" not in RELMA.look_backs


def test_what_the_protocol_sets_conditions_for_cannot_be_undone() -> None:
    assert [step for step in Step if RELMA.cannot_be_undone(step)] == [
        Step.ENROL, Step.LEUKAPHERESIS, Step.LYMPHODEPLETION, Step.INFUSION,
    ]  # fmt: skip
