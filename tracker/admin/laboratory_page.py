"""The laboratories of the reader's sites, and from which number on each of them calls a result too high."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import laboratories_visible_to
from tracker.admin.alert_card import person
from tracker.admin.own_pages import OwnPage
from tracker.models import Laboratory, Sex, UpperLimit
from tracker.wording import day_words, is_chinese
from tracker.wording.numbers import with_unit
from workflow.concepts import Concept
from workflow.loading import shipped_protocol, shipped_protocols


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in words. `since` is the first day on which it holds."""

    test: str
    whom: str
    value: str
    since: str
    reason: str
    by: str


class ShowLaboratories(OwnPage):
    """All of them, those of one site together. It reads: a limit is kept with the panel into which it was typed."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The page."""
        limits = UpperLimit.objects.select_related("entered_by").order_by("concept", "sex", "-valid_from", "-pk")
        known = laboratories_visible_to(self.staff, self.now).select_related("site").order_by("site__code", "pk")
        known = known.prefetch_related(Prefetch("upper_limits", limits))
        language = get_language() or "en"
        shown = [(each.name, each.site.name_in(language), list(_limits(each, language))) for each in known]
        return self.page("tracker/laboratories.html", {"title": _("Laboratories"), "laboratories": shown})


def _limits(laboratory: Laboratory, language: str) -> Iterator[Limit]:
    """As they were asked for: by test and sex, the newest first."""
    whom = {Sex.FEMALE.value: _("women"), Sex.MALE.value: _("men")}
    for row in laboratory.upper_limits.all():
        yield Limit(
            _label(row, language), whom[row.sex], with_unit(row.value, row.unit),
            day_words(row.valid_from, language, year=True), row.reason or "–", person(row.entered_by),
        )  # fmt: skip


def _label(row: UpperLimit, language: str) -> str:
    concept = _concepts().get(row.concept)
    if concept is None:
        return row.concept
    return concept.label_zh if is_chinese(language) else concept.label


@cache
def _concepts() -> Mapping[str, Concept]:
    """Whatever a protocol that comes with the program has an upper limit for."""
    every = (shipped_protocol(name).concepts for name in shipped_protocols())
    return {name: each for concepts in every for name, each in concepts.items() if each.needs_upper_limit}
