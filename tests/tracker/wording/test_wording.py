"""What staff read: exact numbers, site time, and a sentence for everything a rule can answer."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from tracker.wording import describe, distance_words, last_moment_words, length_words, moment_words, zone_words
from tracker.wording.numbers import limit_words, number_words, unit_words
from workflow.evaluation import evaluate
from workflow.facts import Fact, FactStatus, Sex, Subject
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.loading import shipped_protocol
from workflow.stages import Step
from workflow.timeline import Timeline

SHANGHAI = ZoneInfo("Asia/Shanghai")
PROTOCOL = shipped_protocol("relma-cel-ssc")
NOW = datetime(2025, 4, 9, 1, 50, tzinfo=UTC)  # Wed 9 Apr 09:50 in Shanghai


def shanghai(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def fact(concept: str, at: datetime, value: Decimal | str | None = None, **more: object) -> Fact:
    return Fact(key=f"{concept}-{at}", concept=concept, at=at, recorded_at=at, value=value, **more)  # type: ignore[arg-type]


def test_an_instant_is_told_in_site_time_without_the_year_when_it_is_this_year() -> None:
    at = datetime(2025, 4, 10, 2, 0, tzinfo=UTC)
    assert moment_words(at, SHANGHAI, "en", NOW) == "Thu 10 Apr 10:00"
    assert moment_words(at, SHANGHAI, "zh-hans", NOW) == "4月10日 周四 10:00"


def test_the_year_is_told_when_it_is_another_one_or_when_nobody_says_which_year_it_is() -> None:
    new_year = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)  # already 2026 in Shanghai
    assert moment_words(new_year, SHANGHAI, "en", NOW) == "Thu 1 Jan 2026 00:00"
    assert moment_words(date(2025, 4, 10), SHANGHAI, "zh-hans") == "2025年4月10日 周四"


def test_seconds_are_never_rounded_away() -> None:
    assert moment_words(NOW + timedelta(seconds=1), SHANGHAI, "en", NOW).endswith("09:50:01")
    assert length_words(timedelta(hours=48, seconds=1)) == "48 h 00 min 01 s"
    assert length_words(timedelta(hours=48)) == "48 h 00 min"


def test_a_closed_end_at_the_last_tick_of_a_day_is_told_as_that_day() -> None:
    last = shanghai(3, 12) - timedelta(microseconds=1)
    assert last_moment_words(last, SHANGHAI, "en", NOW) == "Tue 11 Mar"
    assert last_moment_words(shanghai(4, 9, 8), SHANGHAI, "en", NOW) == "Wed 9 Apr 08:00"


def test_distances_say_whether_they_lie_ahead_or_behind() -> None:
    assert distance_words(NOW + timedelta(hours=24, minutes=10), NOW) == "in 24 h 10 min"
    assert distance_words(NOW - timedelta(hours=16, minutes=50), NOW) == "16 h 50 min late"
    assert distance_words(NOW + timedelta(days=5), NOW) == "in 5 d 0 h"


def test_a_zone_is_told_by_its_offset_on_that_day() -> None:
    assert zone_words(SHANGHAI, NOW) == "UTC+8"
    assert zone_words(ZoneInfo("America/St_Johns"), datetime(2025, 1, 1, tzinfo=UTC)) == "UTC−3:30"


@pytest.mark.parametrize(
    ("number", "limit", "told"),
    [
        (Fraction(49668, 1000), 50, "49.668"),
        (Fraction(5400, 10872) * 100, 50, "49.67"),
        (Fraction(149_999, 3000), 50, "49.9997"),  # two decimals would make it the limit itself
        (Fraction(50), 50, "50"),
        (Fraction(1, 3), None, "0.33"),
        (Fraction(950), 1000, "950"),
    ],
)  # fmt: skip
def test_a_number_is_told_in_full_or_cut_where_it_stays_on_its_side_of_the_limit(
    number: Fraction, limit: int | None, told: str
) -> None:
    assert number_words(number, None if limit is None else Fraction(limit)) == told


def test_units_and_limits_are_printed_as_in_a_laboratory_report() -> None:
    assert unit_words("10*9/L") == "×10⁹/L"
    assert unit_words("umol/L") == "µmol/L"
    assert limit_words("≥ 1000 /uL") == "≥ 1000 /µL"
    assert limit_words("≤ 3 x ULN") == "≤ 3 × ULN"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_with_every_remedy_has_its_sentences(reason: Reason, language: str) -> None:
    sample = fact("serum_hcg", shanghai(4, 7, 8), "negative")
    for remedy in Remedy:
        for evidence in ((), (sample,)):
            clearing = Clearing(remedy, starts_from=NOW, draw_from=NOW, draw_by=shanghai(4, 10, 10))
            finding = Finding(
                Outcome.STALE, reason, clause="hcg_48h_ld", subject="serum_hcg", evidence=evidence,
                window="PT48H before first_ld_dose", clearing=clearing,
            )  # fmt: skip
            told = describe(finding, PROTOCOL, SHANGHAI, language, NOW)
            assert told.title
            assert told.evidence
            assert told.clear
            assert "%" not in told.evidence + told.clear + told.limit


def test_a_stale_test_is_told_with_its_age_at_the_planned_start_and_the_window_for_a_new_one() -> None:
    consent = fact("consent", shanghai(3, 3, 9))
    potential = fact("wocbp", shanghai(3, 3, 9), "yes")
    sample = fact("serum_hcg", shanghai(4, 7, 8), "negative", resulted_at=shanghai(4, 7, 12))
    plan = fact("lymphodepletion_started", shanghai(4, 10, 10), status=FactStatus.PLANNED)
    subject = Subject(Sex.FEMALE, date(1985, 1, 1))
    evaluation = evaluate(PROTOCOL, Timeline(subject, [consent, potential, sample, plan], SHANGHAI), NOW)
    gate = evaluation.planned_gate(Step.LYMPHODEPLETION)
    assert gate is not None
    told = describe(next(f for f in gate.findings if f.clause == "hcg_48h_ld"), PROTOCOL, SHANGHAI, "en", NOW)
    assert told.state_label == "Stale"
    assert told.basis_label == "protocol"
    assert told.evidence == (
        "Negative, collected Mon 7 Apr 08:00, valid until Wed 9 Apr 08:00; "
        "at the start on Thu 10 Apr 10:00 it will be 74 h 00 min old"
    )
    assert told.limit == "Negative, within 48 h 00 min before: First dose of lymphodepletion"
    assert told.clear == (
        "Can clear now: draw between Tue 8 Apr 10:00 and Thu 10 Apr 10:00, with the result in before the start."
    )


def test_a_calculated_clearance_is_told_unrounded_with_what_it_was_calculated_from() -> None:
    facts = [
        fact("consent", shanghai(3, 3, 9)),
        fact("creatinine", shanghai(4, 8, 8), Decimal("1.51"), unit="mg/dL"),
        fact("weight", shanghai(4, 8, 8), Decimal(54), unit="kg"),
    ]
    evaluation = evaluate(PROTOCOL, Timeline(Subject(Sex.MALE, date(1985, 1, 1)), facts, SHANGHAI), NOW)
    finding = next(f for f in evaluation.gates[Step.ENROL].findings if f.clause == "crcl")
    told = describe(finding, PROTOCOL, SHANGHAI, "en", NOW)
    assert told.evidence.startswith("49.67 mL/min (the unrounded value is compared)")
    assert "Serum creatinine 1.51 mg/dL, collected Tue 8 Apr 08:00" in told.evidence
    assert told.limit == "≥ 50 mL/min"


def test_the_clause_is_quoted_in_its_own_words_and_a_chinese_quotation_is_marked_a_translation() -> None:
    finding = Finding(Outcome.MISSING, Reason.NOTHING_RECORDED, clause="anc", subject="anc")
    english, chinese = (describe(finding, PROTOCOL, SHANGHAI, language) for language in ("en", "zh-hans"))
    assert (english.quote, english.quote_is_translation) == ("ANC ≥ 1000/uL", False)
    assert chinese.quote_is_translation
    assert chinese.title == "中性粒细胞绝对值≥1000/µL"


def test_an_infection_without_an_end_asks_for_its_end() -> None:
    facts = [fact("consent", shanghai(3, 3, 9)), fact("systemic_infection", shanghai(3, 24, 9))]
    evaluation = evaluate(PROTOCOL, Timeline(Subject(Sex.MALE, date(1985, 1, 1)), facts, SHANGHAI), NOW)
    gate = evaluation.gates[Step.LEUKAPHERESIS]
    assert not gate.in_order
    plan = fact("leukapheresis_started", shanghai(4, 14, 9), status=FactStatus.PLANNED)
    planned = evaluate(PROTOCOL, Timeline(Subject(Sex.MALE, date(1985, 1, 1)), [*facts, plan], SHANGHAI), NOW)
    found = planned.planned_gate(Step.LEUKAPHERESIS)
    assert found is not None
    told = describe(found.findings[0], PROTOCOL, SHANGHAI, "en", NOW)
    assert told.evidence == "Systemic active infection since Mon 24 Mar 09:00, no end recorded"
    assert told.clear.startswith("Can clear after its end")
