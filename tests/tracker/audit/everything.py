"""A story that leaves at least one row in every table of a study."""

from datetime import date, timedelta

from tests.builders import CONDITIONED, House, at, collected_woman, fresh, plan, record, take
from tracker.models import (
    Absence,
    AccountEvent,
    Alert,
    Assignment,
    Deviation,
    Duty,
    Laboratory,
    Participant,
    RecordedFact,
    Redaction,
    SignIn,
)
from tracker.services import alerts, deviations, facts, imports, panels, pastes, step_corrections
from tracker.services.signatures import Signing
from workflow.stages import Step

NOW = "2026-04-09 12:00"


def one_of_everything(house: House, number: str = "RJ-001") -> Participant:
    """A woman whose first dose was reported without its test: told, acknowledged, deviated from, signed, corrected."""
    woman = collected_woman(house, number)
    plan(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    plan(woman, Step.LYMPHODEPLETION, "2026-04-09 10:00", by=house["crc"], now="2026-04-07 10:00", reason="no bed")
    _acknowledge(house, woman)
    dose = take(
        woman, Step.LYMPHODEPLETION, "2026-04-09 10:00", by=house["ward_nurse"], known="2026-04-09 11:00",
        reported_afterwards=True, reason="found in the chart",
    )  # fmt: skip
    step_corrections.correct_time(
        record=dose, happened_at=at("2026-04-09 10:10"), reason="mistyped", by=house["ward_nurse"], now=at(NOW),
        signature=Signing(house["ward_nurse"]),
    )  # fmt: skip
    close_one(house, woman)
    _correct(house, woman)
    _arrange(house)
    _measure(house, woman)
    return fresh(woman)


def _measure(house: House, woman: Participant) -> None:
    """A panel of a laboratory, and a paste of a line that is set aside."""
    now = at("2026-04-09 17:00")
    alt = facts.FactEntry(concept="alt", at=at("2026-04-09 08:00"), value="22", unit="U/L", upper_limit="40")
    panels.record(participant=woman, laboratory="", entries=[alt], reasons={}, by=house["crc"], now=now)
    sheet = pastes.Sheet(woman, "CRP\t5\tmg/L", laboratory=Laboratory.objects.get(site=house.site))
    seen = pastes.digest(pastes.judge(sheet, by=house["crc"], now=now))
    imports.take_in(sheet, seen=seen, by=house["crc"], now=now)


def close_one(house: House, woman: Participant) -> Deviation:
    """One of her deviations, completed and signed by the principal investigator."""
    draft = woman.deviations.filter(status="draft").order_by("pk")[0]
    texts = {"cause": "the sample was lost", "impact": "none", "action": "told the laboratory"}
    deviations.complete(deviation=draft, by=house["crc"], now=at("2026-04-09 13:00"), **texts)
    return deviations.close(
        deviation=draft, by=house["pi"], now=at("2026-04-09 14:00"), signing=Signing(house["pi"])
    )  # fmt: skip


def _acknowledge(house: House, woman: Participant) -> None:
    standing = Alert.objects.filter(deadline__participant=woman, status="raised").first()
    assert standing is not None
    alerts.acknowledge(alert=standing, by=house["crc"], now=at("2026-04-07 11:00"), note="on it")


def _correct(house: House, woman: Participant) -> None:
    wrong: RecordedFact = record(
        woman, "infection_review", "2026-04-09 08:00", by=house["crc"], known="2026-04-09 15:00"
    )
    entry = facts.FactEntry(concept=wrong.concept, at=at("2026-04-09 08:30"))
    facts.correct_fact(
        fact=wrong, entry=entry, reason="half an hour later", by=house["crc"], now=at("2026-04-09 15:30")
    )  # fmt: skip


def _arrange(house: House) -> None:
    """Rows that belong to a site rather than to a participant."""
    now = at("2026-04-09 16:00")
    Absence.objects.create(
        user=house["crc"], first_day=date(2026, 5, 1), last_day=date(2026, 5, 2), entered_by=house["pi"], entered_at=now
    )
    Duty.objects.create(
        assignment=Assignment.objects.get(user=house["crc"]), starts_at=now, ends_at=now + timedelta(hours=8),
        entered_by=house["pi"], entered_at=now,
    )  # fmt: skip
    AccountEvent.objects.create(user=house["crc"], kind="codes_reset", at=now, by=house["pi"], reason="lost")
    SignIn.objects.create(user=house["crc"], device="Firefox", began_at=now, had_role=True)
    Redaction.objects.create(
        table="tracker_recordedfact", column="detail", rows=[0], reason="a name", asked_by=house["crc"], asked_at=now
    )
