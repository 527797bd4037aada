"""Facts are recorded: samples and their results, blood, what happened in the past, answers, look-backs, holds."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.builders import LABORATORY, MEASUREMENTS, REVIEWS
from tests.machine.passing import Passing
from tests.machine.story import MINUTES_AGO, PICK, RECORDER
from tracker.models import RecordedFact
from tracker.services import facts
from tracker.services.facts import FactEntry
from tracker.services.ledger import latest_versions

HAPPENINGS = (
    "transfusion", "growth_factor", "leukapheresis_completed", "product_released", "lymphodepletion_completed",
    "infusion_completed", "manufacturing_failed", "infusion_cancelled", "consent", "consent_declined",
    "manufacturing_started", "product_out_of_specification", "product_accepted", *REVIEWS,
)  # fmt: skip
ANSWERS = (
    ("wocbp", "no"), ("wocbp", "yes"), ("lactating", "yes"), ("lactating", "no"), ("contraception_agreed", "no"),
    ("contraception_agreed", "yes"), ("partner_of_childbearing_potential", "no"), ("gilbert_syndrome", "yes"),
    ("refractory", "no"), ("vascular_access", "inadequate"),
)  # fmt: skip
OUT_OF_RANGE = (
    ("anc", "0.9", "10*9/L", ""), ("plt", "74", "10*9/L", ""), ("creatinine", "310", "umol/L", ""),
    ("tbil", "41", "umol/L", "20"), ("alt", "121", "U/L", "40"), ("inr", "", "", ""), ("lvef", "54", "%", ""),
)  # fmt: skip
_MEASURED = (*LABORATORY, *((*each, "") for each in MEASUREMENTS), *OUT_OF_RANGE)
RESULTS = st.sampled_from(("negative", "negative", "positive", "indeterminate", "rejected"))
LASTING = ("systemic_infection", "local_infection", "hold")


class Recording(Passing):
    """The rules of everybody who records."""

    @rule(concept=st.sampled_from(HAPPENINGS), ago=MINUTES_AGO, whole_day=st.booleans(), by=RECORDER)
    def something_happened(self, concept: str, ago: int, whole_day: bool, by: str) -> None:
        at = self.ago(ago)
        self.record(FactEntry(concept, self.calendar.local_date(at) if whole_day else at), by)

    @rule(answer=st.sampled_from(ANSWERS), ago=MINUTES_AGO, by=RECORDER)
    def she_is_asked(self, answer: tuple[str, str], ago: int, by: str) -> None:
        concept, value = answer
        self.record(FactEntry(concept, self.ago(ago), value=value), by)

    @rule(measured=st.sampled_from(_MEASURED), ago=MINUTES_AGO, lasted=st.integers(0, 600), by=RECORDER)
    def something_is_measured(self, measured: tuple[str, str, str, str], ago: int, lasted: int, by: str) -> None:
        concept, value, unit, limit = measured
        at = self.ago(ago)
        out = min(at + timedelta(minutes=lasted), self.now) if value else None
        entry = FactEntry(concept, at, value=value, unit=unit, upper_limit=limit, resulted_at=out)
        self.attempt(facts.record_panel, participant=self.participant, entries=[entry], by=by)

    @rule(pick=PICK, value=RESULTS, ago=MINUTES_AGO, by=RECORDER)
    def a_sample_is_drawn_or_its_result_comes(self, pick: int, value: str, ago: int, by: str) -> None:
        waiting = [fact for fact in latest_versions(self.row, "serum_hcg") if not fact.value]
        if not waiting:
            self.record(FactEntry("serum_hcg", self.ago(ago)), by)
        else:
            fact = waiting[pick % len(waiting)]
            out = max(self.ago(ago), fact.at)
            self.attempt(facts.record_result, fact=fact, value=value, resulted_at=out, by=by)

    @rule(concept=st.sampled_from(LASTING), ago=MINUTES_AGO, lasts=st.booleans(), by=RECORDER, study=st.booleans())
    def something_begins(self, concept: str, ago: int, lasts: bool, by: str, study: bool) -> None:
        at = self.ago(ago)
        until = None if lasts else max(at, self.now - timedelta(minutes=ago // 2))
        entry = FactEntry(concept, at, until=until, detail="Reason")
        if study and concept == "hold":
            self.record_for_study(entry, by)
        else:
            self.record(entry, by)

    @rule(pick=PICK, ago=MINUTES_AGO, whole_day=st.booleans(), by=RECORDER)
    def something_ends(self, pick: int, ago: int, whole_day: bool, by: str) -> None:
        lasting = [fact for concept in LASTING for fact in latest_versions(self.row, concept) if fact.until is None]
        lasting += self.holds_of_study()
        if lasting:
            fact = lasting[pick % len(lasting)]
            until = max(self.ago(ago), fact.at)
            end = self.calendar.local_date(until) if whole_day else until
            self.attempt(facts.end_interval, fact=fact, until=end, by=by)

    @rule(days=st.integers(-900, 900), by=RECORDER)
    def the_end_of_the_study_is_set(self, days: int, by: str) -> None:
        day = (self.now + timedelta(days=days)).date()
        self.record_for_study(FactEntry("study_end", day), by)

    def record(self, entry: FactEntry, by: str) -> None:
        """Record something about the participant."""
        self.attempt(facts.record_fact, participant=self.participant, entry=entry, by=by)

    def record_for_study(self, entry: FactEntry, by: str) -> None:
        """Record something about her study: the next sweep reassesses everybody in it."""
        if self.attempt(facts.record_fact, study=self.participant.study, entry=entry, by=by, reason="amended"):
            assert not self.settled
            self.sweep()

    def holds_of_study(self) -> list[RecordedFact]:
        """The holds of the study that have no end yet."""
        rows = RecordedFact.objects.filter(study=self.participant.study, concept="hold").order_by("version")
        latest = {row.key: row for row in rows}
        return [row for row in latest.values() if row.until is None]
