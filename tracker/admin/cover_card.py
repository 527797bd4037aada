"""Who works at the reader's sites, as rows: who is away, who stands in, who is on call."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import absences_visible_to, assignments_visible_to, duties_visible_to
from tracker.admin.alert_card import person
from tracker.admin.buttons import Button
from tracker.models import Absence, Assignment, Duty, User
from tracker.services.cover import ACTING, arranged_by
from tracker.wording import clock_words, day_words, moment_words

Period = tuple[str, Button | None]
"""From when until when, in words; and what cancels it, for who may."""


@dataclass(frozen=True, slots=True)
class Held:
    """One role of a person, and the times at which she is on call in it."""

    role: str
    place: str
    on_call: tuple[Period, ...]
    enter: Button | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person: whether she is there today, her absences to come, her roles."""

    name: str
    is_away: bool
    absences: tuple[Period, ...]
    enter: Button | None
    held: tuple[Held, ...]


class Roster:
    """Everybody at the reader's sites, and what the reader may arrange; a number of queries that does not grow."""

    def __init__(self, reader: User, now: datetime) -> None:
        self._reader, self._now, self._language = reader, now, get_language() or "en"
        self._held = list(assignments_visible_to(reader, now).order_by("user_id", "study__code", "site__code", "role"))
        self._absences = list(absences_visible_to(reader, now).filter(cancelled_at=None).select_related("deputy"))
        self._duties = list(duties_visible_to(reader, now).filter(cancelled_at=None, ends_at__gt=now))
        self._arranged = {each.pk: each.user_id for each in arranged_by(reader, now)}

    def people(self) -> list[Colleague]:
        """Everybody, by name; buttons only where the reader may arrange it."""
        found = [self._colleague(list(held)) for _user, held in groupby(self._held, lambda each: each.user_id)]
        return sorted(found, key=lambda each: each.name)

    def _colleague(self, held: list[Assignment]) -> Colleague:
        user, today = held[0].user, self._now.astimezone(held[0].site.zone).date()
        absences = [each for each in self._absences if each.user_id == user.pk and each.last_day >= today]
        may = user == self._reader or user.pk in self._arranged.values()
        return Colleague(
            name=person(user),
            is_away=any(each.first_day <= today for each in absences),
            absences=tuple(
                (self._days(each, today), self._end("tracker_absence_cancel", each.pk, may=may)) for each in absences
            ),
            enter=Button(_("Enter an absence…"), reverse("admin:tracker_absence", args=[user.pk])) if may else None,
            held=tuple(self._role(each) for each in held),
        )

    def _role(self, held: Assignment) -> Held:
        may = held.pk in self._arranged and held.role in ACTING
        duties = [each for each in self._duties if each.assignment_id == held.pk]
        return Held(
            role=str(held.get_role_display()),
            place=f"{held.study.code} · {held.site.name_in(self._language)}",
            on_call=tuple(
                (self._times(each, held), self._end("tracker_duty_cancel", each.pk, may=may)) for each in duties
            ),
            enter=Button(_("Put on call…"), reverse("admin:tracker_duty", args=[held.pk])) if may else None,
        )

    def _days(self, absence: Absence, today: date) -> str:
        days = (absence.first_day, absence.last_day)
        first, last = (day_words(each, self._language, year=each.year != today.year) for each in days)
        words = {"first": first, "last": last, "deputy": person(absence.deputy) if absence.deputy else ""}
        if absence.deputy is None:
            return _("%(first)s to %(last)s, without a deputy") % words
        return _("%(first)s to %(last)s, %(deputy)s stands in") % words

    def _times(self, duty: Duty, held: Assignment) -> str:
        zone = held.site.zone
        starts, ends = (moment_words(each, zone, self._language, self._now) for each in (duty.starts_at, duty.ends_at))
        return _("on call %(starts)s to %(ends)s (%(zone)s)") % {
            "starts": starts, "ends": ends, "zone": clock_words(zone, duty.starts_at),
        }  # fmt: skip

    @staticmethod
    def _end(page: str, key: int, *, may: bool) -> Button | None:
        return Button(_("Cancel…"), reverse(f"admin:{page}", args=[key])) if may else None
