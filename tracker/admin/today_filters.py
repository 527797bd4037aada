"""Whose work Today shows, of which study and site: read from the address, remembered until one signs out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from tracker.access import MATRIX, Action, Place, participants_visible_to, roles_by_place
from tracker.admin.pages import staff
from tracker.models import Participant, Site, Study, User

MINE, EVERYONE = "mine", "everyone"
_REMEMBERED = "today"
_ACTS = frozenset(role for role, actions in MATRIX.items() if Action.ACKNOWLEDGE in actions)
"""The roles that do more than read: whoever has one sees her own work first."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen. None: all studies, all sites."""

    whose: str = MINE
    study: int | None = None
    site: int | None = None
    page: int = 1

    @property
    def query(self) -> str:
        """The choice as an address says it."""
        chosen = {"whose": self.whose, "study": self.study or "", "site": self.site or "", "page": self.page}
        return urlencode(chosen)

    def on(self, page: int) -> str:
        """The same choice, on another page of the list."""
        return replace(self, page=page).query

    def of(self, whose: str) -> str:
        """The same place, for somebody else."""
        return replace(self, whose=whose, page=1).query


@dataclass(frozen=True, slots=True)
class Scope:
    """One reader at an instant: the roles she has at each study and site, and what she chose to see."""

    user: User
    now: datetime
    held: Mapping[Place, frozenset[str]]
    filters: Filters
    visible: QuerySet[Participant]

    def participants(self) -> QuerySet[Participant]:
        """Everybody chosen, among those whom the reader may see."""
        chosen = {"study": self.filters.study, "site": self.filters.site}
        return self.visible.filter(**{name: key for name, key in chosen.items() if key is not None})

    def is_mine(self) -> Q:
        """The work items that name one of the reader's roles at their participant's place."""
        found = Q(pk__in=())
        for (study, site), roles in self.held.items():
            told = Q(pk__in=())
            for role in roles:
                told |= Q(roles__contains=f" {role} ")
            found |= Q(participant__study=study, participant__site=site) & told
        return found


def scope_of(request: HttpRequest, now: datetime) -> Scope:
    """Read what was chosen; a choice that is named in the address is remembered for as long as one is signed in."""
    user = staff(request)
    held = roles_by_place(user, now)
    chosen = {name: request.GET[name] for name in ("whose", "study", "site") if name in request.GET}
    if chosen and request.session.get(_REMEMBERED) != chosen:
        request.session[_REMEMBERED] = chosen
    known = {**request.session.get(_REMEMBERED, {}), **request.GET.dict()}
    return Scope(user, now, held, _filters(known, held), participants_visible_to(user, now))


def _filters(known: Mapping[str, str], held: Mapping[Place, frozenset[str]]) -> Filters:
    acts = any(roles & _ACTS for roles in held.values())
    whose = known.get("whose", "")
    return Filters(
        whose=whose if whose in (MINE, EVERYONE) else MINE if acts else EVERYONE,
        study=_number(known.get("study", "")), site=_number(known.get("site", "")),
        page=_number(known.get("page", "")) or 1,
    )  # fmt: skip


def _number(text: str) -> int | None:
    """A key as the address has it; anything else is no choice."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One study or site to choose."""

    key: int
    label: str
    chosen: bool


def choices(scope: Scope, language: str) -> tuple[list[Choice], list[Choice]]:
    """The studies and the sites among which the reader may choose; empty where there is only one."""
    studies = Study.objects.order_by("code")
    sites = Site.objects.order_by("code")
    if not scope.user.is_superuser:
        studies = studies.filter(pk__in={study for study, _site in scope.held})
        sites = sites.filter(pk__in={site for _study, site in scope.held})
    named = [(study.pk, study.code) for study in studies]
    placed = [(site.pk, site.name_in(language)) for site in sites]
    return list(_offered(named, scope.filters.study)), list(_offered(placed, scope.filters.site))


def _offered(rows: list[tuple[int, str]], chosen: int | None) -> Iterator[Choice]:
    if len(rows) > 1:
        yield from (Choice(key, label, chosen == key) for key, label in rows)
