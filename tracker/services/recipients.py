"""Recipients: which people are told for a role, who stands in for whom, and what is done where nobody is there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from tracker.access import MATRIX, Action
from tracker.models import Absence, Assignment, Duty, Participant, Role, Site, User

Holders = dict[str, list[User]]
"""The people who hold each role."""

_ACTS = frozenset(role for role, actions in MATRIX.items() if Action.ACKNOWLEDGE in actions)
"""Who can take something up: only somebody with such a role stands in for another."""


@dataclass(frozen=True, slots=True)
class Told:
    """One person to be told, as the holder of a role; `fault` says what is wrong with the site's set-up.

    `instead_of` is the one who is away, where somebody is told in her place.
    """

    recipient: User
    role: str
    fault: str = ""
    instead_of: User | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Who works in a study at a site on one day, who of them is away, and who is on call in which role."""

    holders: Holders
    away: dict[int, Absence]
    on_call: dict[str, set[int]]

    def told_as(self, role: str, *, urgent: bool) -> list[Told]:
        """Who is told for a role: those on call for what is urgent, else everybody who holds it and is there."""
        holders = self.holders.get(role, [])
        called = [each for each in holders if self._is_on_call(each, role)]
        if urgent and called:
            return [Told(each, role) for each in called]
        present = ((each, self._there(each)) for each in holders)
        return [
            Told(there, role, _without_address(there), None if there == each else each)
            for each, there in present
            if there is not None
        ]

    def _is_on_call(self, user: User, role: str) -> bool:
        return user.pk in self.on_call.get(role, ()) and user.pk not in self.away and _can_be_reached(user)

    def told_although_away(self, role: str) -> list[Told]:
        """Everybody who holds a role, there or not: better somebody who is away than nobody at all."""
        return [Told(each, role, _although_away(role)) for each in self.holders.get(role, [])]

    def _there(self, user: User) -> User | None:
        """The person herself, or whoever stands in for her, and for him in turn; None where that leads to nobody."""
        for _turn in range(len(self.away) + 1):
            absence = self.away.get(user.pk)
            if absence is None:
                return user
            if absence.deputy is None or not self._acts(absence.deputy):
                return None
            user = absence.deputy
        return None

    def _acts(self, user: User) -> bool:
        return any(user in holders for role, holders in self.holders.items() if role in _ACTS)


class Staff:
    """Who is told for which role at an instant; asked of the database once for each study, site and day there."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._at: dict[tuple[int, int, date], _Place] = {}

    def told_of(
        self, participant: Participant, roles: Iterable[str], *, urgent: bool = False
    ) -> tuple[list[Told], list[str]]:
        """Whoever is told for these roles at the participant's site and study, once; and the roles that reach nobody.

        What is urgent goes to who is on call in a role, where somebody is. Who is away is told through her deputy, else
        the others in her role are enough. A role in which nobody is there is told to the principal investigators
        instead, and where nobody is left at all, to those who are away. A person with several of the roles is told as
        the first of them.
        """
        place = self._place(participant)
        told: dict[int, Told] = {}
        unreachable: list[str] = []
        for role in roles:
            found = list(_told_for(role, place, urgent=urgent))
            for each in found:
                told.setdefault(each.recipient.pk, each)
            if not found:
                unreachable.append(role)
        return list(told.values()), unreachable

    def _place(self, participant: Participant) -> _Place:
        today = self._now.astimezone(participant.zone).date()
        key = (participant.study_id, participant.site_id, today)
        if key not in self._at:
            self._at[key] = _place_of(*key, self._now)
        return self._at[key]


def own_site(user: User, now: datetime) -> Site | None:
    """The site on whose clock a person's day is counted: of several, the first by its code; None without a role."""
    held = Assignment.objects.active_at(now).filter(user=user).select_related("site").order_by("site__code").first()
    return held.site if held else None


def _told_for(role: str, place: _Place, *, urgent: bool) -> Iterator[Told]:
    present = place.told_as(role, urgent=urgent)
    if present:
        yield from present
        return
    held = bool(place.holders.get(role))
    instead = [
        Told(each.recipient, Role.PI, _instead(role, held=held), each.instead_of)
        for each in place.told_as(Role.PI, urgent=urgent)
    ]
    yield from instead or place.told_although_away(role) or place.told_although_away(Role.PI)


def _place_of(study: int, site: int, today: date, now: datetime) -> _Place:
    held = Assignment.objects.active(today).filter(study=study, site=site)
    holders: Holders = {}
    for assignment in held.select_related("user").order_by("user_id"):
        holders.setdefault(assignment.role, []).append(assignment.user)
    away = {each.user_id: each for each in Absence.objects.on(today).filter(user__in=held.values("user"))}
    on_call: dict[str, set[int]] = {}
    for role, user in (
        Duty.objects.at(now).filter(assignment__in=held).values_list("assignment__role", "assignment__user")
    ):
        on_call.setdefault(role, set()).add(user)
    return _Place(holders, away, on_call)


def _can_be_reached(user: User) -> bool:
    return bool(user.email) and not user.is_unreachable


def _instead(role: str, *, held: bool) -> str:
    said = (
        _("%(role)s: everybody in this role is away; the PI is told instead.")
        if held
        else _("%(role)s: nobody is active in this role here; the PI is told instead.")
    )
    return said % {"role": role}


def _although_away(role: str) -> str:
    return _("%(role)s: told although away, since nobody is there in her place.") % {"role": role}


def _without_address(user: User) -> str:
    return "" if user.email else _("This person has no e-mail address.")
