"""Two sites of one study, each with somebody about whom there is everything that a page could show."""

from dataclasses import dataclass
from datetime import timedelta

from tests.builders import CONDITIONED, House, a_house, at, collected_woman, fresh, plan, record, take
from tracker.models import (
    Absence,
    Alert,
    Deviation,
    Duty,
    ImportLine,
    Notification,
    Participant,
    RecordedFact,
)
from tracker.services import cover, facts, imports, pastes
from tracker.services.cover import AbsenceEntry, DutyEntry
from tracker.services.facts import FactEntry
from workflow.stages import Step

NOW = at("2026-04-07 12:00")
ABSENT = 987_654_321
"""A number that no row has."""


@dataclass(frozen=True, slots=True)
class Story:
    """One house, its participant, and a row of every kind that hangs on the participant."""

    house: House
    participant: Participant
    fact: RecordedFact
    study_hold: RecordedFact
    alert: Alert
    notification: Notification
    deviation: Deviation
    absence: Absence
    duty: Duty
    line: ImportLine

    def row_of(self, model: str) -> int:
        """The key of the story's row of a model. Raises KeyError for a model that the story does not tell of."""
        pi = self.house["pi"]
        rows = {
            "participant": self.participant, "alert": self.alert, "notification": self.notification,
            "deviation": self.deviation, "site": self.house.site, "study": self.house.study, "user": pi,
            "assignment": pi.assignments.get(), "absence": self.absence, "duty": self.duty,
        }  # fmt: skip
        key: int = rows[model].pk
        return key

    def marks(self) -> list[str]:
        """Texts that are on a page only if it shows something of this story."""
        links = [
            f"/tracker/{model}/{self.row_of(model)}/" for model in ("participant", "alert", "notification", "deviation")
        ]
        staff = [user.username for user in self.house.staff.values()]
        return [self.participant.subject_number, self.house.site.name, self.house.site.name_zh, *staff, *links]


def shanghai() -> Story:
    """The house in Shanghai; the study begins with it."""
    return tell(a_house("SHA", zone="Asia/Shanghai"), "SHA-7731")


def berlin(beside: Story) -> Story:
    """The house in Berlin, of the same study."""
    return tell(a_house("BER", study=beside.house.study, zone="Europe/Berlin"), "BER-4402")


def tell(house: House, number: str) -> Story:
    """A woman whose pregnancy test came back positive, and whose lymphodepletion was begun all the same."""
    woman = collected_woman(house, number)
    plan(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    record(woman, "systemic_infection", "2026-04-06 09:00", by=house["crc"])
    fact = record(
        woman, "serum_hcg", "2026-04-07 09:30", "positive", by=house["crc"], resulted="2026-04-07 10:00",
        detail=f"telephoned about {number}",
    )  # fmt: skip
    take(
        woman, Step.LYMPHODEPLETION, "2026-04-07 10:30", by=house["pi"], reported_afterwards=True,
        reason="begun before the result was read",
    )  # fmt: skip
    woman = fresh(woman)
    mine = {"deadline__participant": woman}
    return Story(
        house, woman, fact, _hold_of_the_study(house),
        alert=Alert.objects.filter(**mine, resolved_at=None).latest("pk"),
        notification=Notification.objects.filter(**{f"alert__{name}": row for name, row in mine.items()}).latest("pk"),
        deviation=woman.deviations.latest("pk"), absence=_absence(house), duty=_duty(house),
        line=_pasted(house, woman),
    )  # fmt: skip


def _absence(house: House) -> Absence:
    days = {"first_day": NOW.date() + timedelta(days=30), "last_day": NOW.date() + timedelta(days=31)}
    entry = AbsenceEntry(user=house["crc"], deputy=house["sub_i"], **days)
    return cover.enter_absence(entry=entry, by=house["crc"], now=NOW)


def _duty(house: House) -> Duty:
    entry = DutyEntry(house["sub_i"].assignments.get(), NOW + timedelta(days=30), NOW + timedelta(days=31))
    return cover.enter_duty(entry=entry, by=house["pi"], now=NOW)


def _pasted(house: House, woman: Participant) -> ImportLine:
    """A paste of one line that waits to be mended."""
    sheet = pastes.Sheet(woman, f"test\tvalue\tunit\nnobody knows {woman.subject_number}\t1\tg/L")
    seen = pastes.digest(pastes.judge(sheet, by=house["crc"], now=NOW))
    return imports.take_in(sheet, seen=seen, by=house["crc"], now=NOW).lines.get()


def _hold_of_the_study(house: House) -> RecordedFact:
    """One for all sites: the first of them puts the study on hold."""
    known = RecordedFact.objects.filter(study=house.study, concept="hold").first()
    entry = FactEntry(concept="hold", at=at("2026-04-07 11:00"), detail="the board meets")
    return known or facts.record_fact(study=house.study, entry=entry, by=house["pi"], now=at("2026-04-07 11:00"))
