"""The scribe: writes a demo participant's history through the services, at the instants it became known."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tracker.management.demo.staff import Staff
from tracker.models import Participant, RecordedFact
from tracker.services import facts, participants
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from workflow.stages import Step

LABORATORY = (
    ("anc", "3.2", "10*9/L", ""), ("alc", "1.1", "10*9/L", ""), ("hb", "128", "g/L", ""), ("plt", "210", "10*9/L", ""),
    ("creatinine", "62", "umol/L", ""), ("alt", "22", "U/L", "40"), ("ast", "24", "U/L", "40"),
    ("tbil", "11.0", "umol/L", "20"), ("inr", "1.02", "1", "1.2"), ("pt", "11.8", "s", "13.0"),
)  # fmt: skip


@dataclass
class Scribe:
    """One participant's history. Days count from today at the site, times are on the site's clock."""

    participant: Participant
    staff: Staff
    now: datetime
    written: dict[str, RecordedFact] = field(default_factory=dict)

    def at(self, day: int, clock: str = "09:00") -> datetime:
        """The instant of a clock time so many days from today."""
        zone = self.participant.zone
        local: date = self.now.astimezone(zone).date() + timedelta(days=day)
        return datetime.combine(local, time.fromisoformat(clock), tzinfo=zone)

    def note(
        self, concept: str, at: datetime, value: str = "", unit: str = "", by: str = "crc", *,
        known: datetime | None = None, detail: str = "",
    ) -> None:  # fmt: skip
        """Something that happened, recorded when it did or when it became known."""
        entry = FactEntry(concept=concept, at=at, value=value, unit=unit, detail=detail)
        fact = facts.record_fact(participant=self.participant, entry=entry, by=self.staff[by], now=known or at)
        self.written[concept] = fact

    def end(self, concept: str, until: datetime, by: str) -> None:
        """The end of something that lasted."""
        facts.end_interval(fact=self.written[concept], until=until, by=self.staff[by], now=until)

    def laboratory(self, day: int) -> None:
        """A whole panel collected at 08:00 and resulted at 16:00."""
        collected, out = self.at(day, "08:00"), self.at(day, "16:00")
        entries = [
            FactEntry(concept=code, at=collected, value=value, unit=unit, upper_limit=limit, resulted_at=out)
            for code, value, unit, limit in LABORATORY
        ]
        facts.record_panel(participant=self.participant, entries=entries, by=self.staff["crc"], now=out)

    def pregnancy_test(self, collected: datetime, hours: int = 4) -> None:
        """A serum sample, and its negative result some hours later."""
        self.note("serum_hcg", collected)
        out = collected + timedelta(hours=hours)
        facts.record_result(
            fact=self.written["serum_hcg"], value="negative", resulted_at=out, by=self.staff["crc"], now=out
        )

    def reviews(self, at: datetime) -> None:
        """The three look-backs, documented."""
        for concept in ("transfusion_review", "growth_factor_review", "infection_review"):
            self.note(concept, at)

    def plan(self, step: Step, at: datetime, *, known: datetime) -> None:
        """A step planned."""
        facts.plan_step(participant=self.participant, step=step, at=at, by=self.staff["crc"], now=known)

    def take(self, step: Step, at: datetime, by: str) -> None:
        """A step taken through its gate."""
        participants.take_step(
            participant=self.participant, step=step, happened_at=at, by=self.staff[by], now=at,
            signature=Signing(self.staff[by]),
        )  # fmt: skip
