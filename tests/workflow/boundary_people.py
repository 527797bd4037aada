"""The people of the boundary cases: for each case, what is asked and of whom."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.workflow.builders import (
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    MEASURED,
    RELMA,
    SHANGHAI,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    enrolled,
    fact,
    infused,
    later,
    withdrawn,
)  # fmt: skip
from workflow.context import Context, Horizon
from workflow.durations import Duration
from workflow.findings import Finding, Outcome
from workflow.rules.answer import Answer
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step
from workflow.windows import Window

BERLIN = ZoneInfo("Europe/Berlin")
WOMAN = an_eligible_woman()
MAN = an_eligible_man()
AT_CONDITIONING = collected(WOMAN).without("serum_hcg")


def word(finding: Finding) -> str:
    """The three words of the boundary cases: what does not apply passes, what is not known does not."""
    if finding.outcome.passes:
        return "met"
    return "not_met" if finding.outcome is Outcome.FAIL else "unknown"


# 48 hours before the first dose


def sampled(
    when: str, value: str | None = "negative", dose: str = CONDITIONED, person: Person = AT_CONDITIONING
) -> str:
    """A serum sample, and the first dose after it."""
    return word(person.having(fact("serum_hcg", when, value)).finding("hcg_48h_ld", dose))


def latest_wins() -> str:
    first = fact("serum_hcg", "2026-04-08 09:00", "negative")
    return sampled("2026-04-08 15:00", "positive", person=AT_CONDITIONING.having(first))


def entered_in_error() -> str:
    sample = fact("serum_hcg", "2026-04-08 09:00", "negative")
    person = AT_CONDITIONING.having(sample, withdrawn(sample, "2026-04-08 18:00"))
    return word(person.finding("hcg_48h_ld", CONDITIONED))


def nothing_to_count_from() -> str:
    """Asked by no step's gate, before any first dose happened or is planned."""
    person = AT_CONDITIONING.having(fact("serum_hcg", "2026-04-08 09:00", "negative"))
    within = Window.parse("PT48H before first_ld_dose")
    rule = Answer.model_validate({"answer": "serum_hcg", "is": "negative", "within": within.text})
    return word(rule.judge(Context(RELMA, person.timeline(), Horizon(at(CONDITIONED)))))


def over_the_german_spring_night(sample: str, dose: str = "2026-03-30 09:00") -> str:
    """The clock skips an hour on 29 March 2026: 48 hours before 09:00 it shows 08:00."""
    person = Person(WOMAN.sex, AT_CONDITIONING.facts, zone=BERLIN)
    negative = fact("serum_hcg", sample, "negative", zone=BERLIN)
    return word(person.having(negative).finding("hcg_48h_ld", dose))


# 7 days before enrolment


def sampled_before_enrolment(when: str) -> str:
    person = WOMAN.but(fact("consent", "2026-02-20 09:00"), fact("serum_hcg", when, "negative"))
    return word(person.finding("hcg_7d_enrol", ENROLLED))


def looked_back(clause: str, *, event: str = "", review: str = ENROLLED[:10], when: str = ENROLLED) -> str:
    """An event or none, and a review of that day or none."""
    kind = {"no_transfusion_7d": "transfusion", "no_growth_factor_7d": "growth_factor"}[clause]
    person = WOMAN.without(f"{kind}_review")
    person = person.having(fact(f"{kind}_review", f"{review} 08:00")) if review else person
    person = person.having(fact(kind, event)) if event else person
    return word(person.finding(clause, when))


def infected(until: str | None) -> str:
    """Ill since three months before a leukapheresis on 16 March."""
    person = enrolled(WOMAN).having(fact("systemic_infection", "2025-12-16", until=until))
    return word(person.finding("infection_2w_apheresis", "2026-03-16 09:00"))


# Age, laboratory, disease


def consented(born: str, on: str = "2026-03-10") -> str:
    person = Person(MAN.sex, MAN.facts, born=date.fromisoformat(born)).but(fact("consent", f"{on} 09:00"))
    return word(person.finding("age", later(f"{on} 09:00", days=3)))


def measured(concept: str, value: str, upper_limit: str | None = None) -> str:
    return word(MAN.but(fact(concept, MEASURED, value, upper_limit=upper_limit)).finding(concept, ENROLLED))


def bilirubin(value: str, gilbert: str | None) -> str:
    person = MAN.but(fact("tbil", MEASURED, f"{value} umol/L", upper_limit="20"))
    known = (fact("gilbert_syndrome", CONSENTED, gilbert),) if gilbert else ()
    return word(person.having(*known).finding("tbil", ENROLLED))


def progressing(baseline: str = "2025-09-04", refractory: str = "no", **scores: str) -> str:
    """Scores measured on the baseline's day and on 4 March 2026: `mrss="18 21"`."""
    person = MAN.but(fact("refractory", CONSENTED, refractory))
    for concept, values in scores.items():
        before, now = values.split()
        person = person.having(fact(concept, f"{baseline} 10:00", before), fact(concept, "2026-03-04 10:00", now))
    return word(person.finding("refractory_progressive", ENROLLED))


def stable(refractory: str) -> str:
    return progressing(refractory=refractory, mrss="18 18", fvc_pct_pred="80 80", dlco_pct_pred="70 70")


# What this protocol has no rule for: the nearest thing that it has


def visit_window() -> str:
    """Day 28 of an infusion on 10 March, three days early or late."""
    calendar, target = SiteCalendar(SHANGHAI), Duration.parse("P28D").after_date(date(2026, 3, 10))
    around = Window.parse("P3D around visit")
    visit = calendar.midnight(target)
    days: tuple[datetime, ...] = around.opens_at(visit, calendar), visit, around.closes_at(visit, calendar)
    return "..".join(calendar.local_date(day).isoformat() for day in days)


def half_a_year_before(day: str) -> str:
    return "met" if Duration.parse("P6M").before_date(date.fromisoformat(day)) == date(2026, 2, 28) else "not_met"


def infused_again(person: Person) -> str:
    gate = person.gate(Step.INFUSION, "2026-04-20 10:00")
    return "met" if gate.allowed else word(gate.blocking[0])


UNANSWERED = AT_CONDITIONING.without("wocbp")
TRANSFUSION, GROWTH_FACTOR = "no_transfusion_7d", "no_growth_factor_7d"

CASES: dict[tuple[str, str], Callable[[], str]] = {
    ("I12b", "exactly 48:00 h before (closed)"): lambda: sampled("2026-04-07 09:00"),
    ("I12b", "48 h 1 s before"): lambda: sampled("2026-04-07 08:59:59"),
    ("I12b", "at dose instant (closed)"): lambda: sampled(CONDITIONED),
    ("I12b", "1 min after dose"): lambda: sampled("2026-04-09 09:01"),
    ("I12b", "date-only sample two days before: cannot tell"): lambda: sampled("2026-04-07"),
    ("I12b", "date-only sample day before: surely inside"): lambda: sampled("2026-04-08"),
    ("I12b", "LD delayed 24 h makes the same sample stale"): lambda: sampled(
        "2026-04-07 10:00", dose="2026-04-10 09:00"
    ),
    ("I12b", "positive inside"): lambda: sampled("2026-04-08 09:00", "positive"),
    ("I12b", "negative then later positive: latest wins"): latest_wins,
    # What is preliminary here is a sample whose result is not out.
    ("I12b", "preliminary does not count"): lambda: sampled("2026-04-08 09:00", None),
    ("I12b", "entered-in-error does not count"): entered_in_error,
    ("I12b", "male: not applicable = met"): lambda: word(collected(MAN).finding("hcg_48h_ld", CONDITIONED)),
    ("I12b", "childbearing potential unknown, no test"): lambda: word(UNANSWERED.finding("hcg_48h_ld", CONDITIONED)),
    ("I12b", "childbearing potential unknown, negative test: met anyway"): lambda: sampled(
        "2026-04-08 09:00", person=UNANSWERED
    ),
    ("I12b", "anchor unknown"): nothing_to_count_from,
    ("I12b", "48 h is elapsed time across DST start"): lambda: over_the_german_spring_night("2026-03-28 08:00"),
    ("I12b", "  (wall clock 48 h would be 09:00) 07:59 is out"): lambda: over_the_german_spring_night(
        "2026-03-28 07:59"
    ),
    ("I14", "7 calendar days before, early morning"): lambda: sampled_before_enrolment("2026-03-02 00:05"),
    ("I14", "8 calendar days before, late evening"): lambda: sampled_before_enrolment("2026-03-01 23:55"),
    # 00:05 in Shanghai is still the evening of the day before in UTC.
    ("I14", "date is the site date, not UTC"): lambda: sampled_before_enrolment("2026-03-02 00:05"),
    # No visits in this protocol: a sample belongs to screening by lying in the episode.
    ("I12a", "at screening: by visit link"): lambda: word(WOMAN.finding("hcg_screening", ENROLLED)),
    ("I08e", "no record, no review: unknown"): lambda: looked_back(TRANSFUSION, review=""),
    ("I08e", "no record, reviewed whole window"): lambda: looked_back(TRANSFUSION),
    ("I08e", "review misses one day"): lambda: looked_back(TRANSFUSION, review="2026-03-08"),
    ("I08e", "review covers transfusion only"): lambda: looked_back(GROWTH_FACTOR, review=""),
    ("I08e", "transfusion on day -7 (closed)"): lambda: looked_back(TRANSFUSION, event="2026-03-02"),
    ("I08e", "transfusion on day -8"): lambda: looked_back(TRANSFUSION, event="2026-03-01"),
    ("I08e", "growth factor on day 0"): lambda: looked_back(GROWTH_FACTOR, event="2026-03-09 07:00"),
    ("I08e", "assessment moved a day later frees it"): lambda: looked_back(
        TRANSFUSION, event="2026-03-02", review="2026-03-10", when="2026-03-10 10:00"
    ),
    ("I05", "infection began 3 months ago, resolved day -14: overlaps"): lambda: infected("2026-03-02"),
    ("I05", "resolved day -15"): lambda: infected("2026-03-01"),
    ("I05", "ongoing"): lambda: infected(None),
    ("I02", "dob 2008-03-10 at 2026-03-10 (age 18)"): lambda: consented("2008-03-10"),
    ("I02", "dob 2008-03-11 at 2026-03-10 (age 17)"): lambda: consented("2008-03-11"),
    ("I02", "dob 1960-03-11 at 2026-03-10 (age 65)"): lambda: consented("1960-03-11"),
    ("I02", "dob 1960-03-10 at 2026-03-10 (age 66)"): lambda: consented("1960-03-10"),
    ("I02", "dob 1960-03-09 at 2026-03-10 (age 66)"): lambda: consented("1960-03-09"),
    ("I02", "dob 1959-03-10 at 2026-03-10 (age 67)"): lambda: consented("1959-03-10"),
    ("I02", "born 29 Feb 2008, 28 Feb 2026 is still 17"): lambda: consented("2008-02-29", on="2026-02-28"),
    ("I02", "born 29 Feb 2008, 1 Mar 2026 is 18"): lambda: consented("2008-02-29", on="2026-03-01"),
    ("I08a", "ANC 1.0 10*9/L = 1000/uL"): lambda: measured("anc", "1.0 10*9/L"),
    ("I08a", "ANC 0.999 10*3/uL"): lambda: measured("anc", "0.999 10*3/uL"),
    ("I08c", "Hb 9.0 g/dL = 90 g/L"): lambda: measured("hb", "9.0 g/dL"),
    ("I08c", "Hb 8.9 g/dL"): lambda: measured("hb", "8.9 g/dL"),
    ("I08c", "Hb in an unconvertible unit"): lambda: measured("hb", "8.0 mmol/L"),
    ("I08d", "PLT 75000/uL"): lambda: measured("plt", "75000 /uL"),
    ("I09a", "ALT 120, ULN 40"): lambda: measured("alt", "120 U/L", "40"),
    ("I09a", "ALT without ULN"): lambda: measured("alt", "120 U/L"),
    ("I10a", "INR 1.8 ULN 1.2 (1.5 x 1.2 = 1.8 exactly)"): lambda: measured("inr", "1.8 1", "1.2"),
    ("I09c", "bilirubin 41 ULN 20 gilbert no"): lambda: bilirubin("41", "no"),
    ("I09c", "bilirubin 40 ULN 20 gilbert no"): lambda: bilirubin("40", "no"),
    ("I09c", "bilirubin 60 ULN 20 gilbert yes"): lambda: bilirubin("60", "yes"),
    ("I09c", "bilirubin 61 ULN 20 gilbert yes"): lambda: bilirubin("61", "yes"),
    ("I09c", "bilirubin 40 ULN 20 gilbert None"): lambda: bilirubin("40", None),
    ("I09c", "bilirubin 50 ULN 20 gilbert None"): lambda: bilirubin("50", None),
    ("I09c", "bilirubin 61 ULN 20 gilbert None"): lambda: bilirubin("61", None),
    ("I04", "mRSS +3, baseline exactly 6 months before"): lambda: progressing(mrss="18 21"),
    ("I04", "mRSS baseline one day too old: one point only"): lambda: progressing("2025-09-03", mrss="18 21"),
    ("I04", "FVC falls 10 % exactly (> needed), others absent"): lambda: progressing(fvc_pct_pred="80 72"),
    ("I04", "FVC -10 %, DLCO -15 % exactly, mRSS +2: not met"): lambda: progressing(
        fvc_pct_pred="80 72", dlco_pct_pred="60 51", mrss="18 20"
    ),
    ("I04", "FVC -6 %, DLCO -16 %"): lambda: progressing(fvc_pct_pred="100 94", dlco_pct_pred="50 42"),
    # The PI's attestation answers for the length of the therapies, which are its evidence.
    ("I04", "refractory, therapy exactly 6 months (> needed), progressive false"): lambda: stable("no"),
    ("I04", "refractory, 6 months + 1 day"): lambda: stable("yes"),
    ("adhoc", "P6M from 31 Aug clamps to 28 Feb"): lambda: half_a_year_before("2026-08-31"),
    ("V28", "visit window day 28 +-3"): visit_window,
    ("I03", "I03 not answered"): lambda: word(MAN.without("diffuse_ssc").finding("diagnosis", ENROLLED)),
    ("T03", "T03 first infusion: own records suffice"): lambda: infused_again(conditioned(MAN)),
    ("T03", "T03 second infusion"): lambda: infused_again(infused(MAN)),
}
