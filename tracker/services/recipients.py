"""Recipients: which people hold the roles that are told, and what is done where nobody does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from tracker.models import Assignment, Participant, Role, Site, User

Holders = dict[str, list[User]]
"""The people who hold each role."""


@dataclass(frozen=True, slots=True)
class Told:
    """One person to be told, as the holder of a role; `fault` says what is wrong with the site's set-up."""

    recipient: User
    role: str
    fault: str = ""


class Staff:
    """Who holds which role at an instant; asked of the database once for each study, site and day there."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._at: dict[tuple[int, int, date], Holders] = {}

    def told_of(self, participant: Participant, roles: Iterable[str]) -> tuple[list[Told], list[str]]:
        """Each active holder of the roles at the participant's site and study, once; and the roles that reach nobody.

        A role that nobody holds is told to the principal investigators instead. A person with several of the roles is
        told as the first of them.
        """
        holders = self._holders(participant)
        told: dict[int, Told] = {}
        unreachable: list[str] = []
        for role in roles:
            present = [Told(user, role, _without_address(user)) for user in holders.get(role, [])]
            instead = [Told(user, Role.PI, _instead(role)) for user in holders.get(Role.PI, [])]
            for each in present or instead:
                told.setdefault(each.recipient.pk, each)
            if not present and not instead:
                unreachable.append(role)
        return list(told.values()), unreachable

    def _holders(self, participant: Participant) -> Holders:
        today = self._now.astimezone(participant.zone).date()
        place = (participant.study_id, participant.site_id, today)
        if place not in self._at:
            self._at[place] = _holders(*place)
        return self._at[place]


def own_site(user: User, now: datetime) -> Site | None:
    """The site on whose clock a person's day is counted: of several, the first by its code; None without a role."""
    held = Assignment.objects.active_at(now).filter(user=user).select_related("site").order_by("site__code").first()
    return held.site if held else None


def _holders(study: int, site: int, today: date) -> Holders:
    held = Assignment.objects.active(today).filter(study=study, site=site)
    found: Holders = {}
    for assignment in held.select_related("user").order_by("user_id"):
        found.setdefault(assignment.role, []).append(assignment.user)
    return found


def _instead(role: str) -> str:
    return _("%(role)s: nobody is active in this role here; the PI is told instead.") % {"role": role}


def _without_address(user: User) -> str:
    return "" if user.email else _("This person has no e-mail address.")
