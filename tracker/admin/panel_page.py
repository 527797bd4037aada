"""The laboratory panel's pages: the rows to fill in, what saving them would mean, and saving them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker.admin.pages import FormPage
from tracker.admin.panel import PanelForm
from tracker.admin.panel_state import Shown, shown_of
from tracker.admin.recordable import measured_together
from tracker.errors import Invalid
from tracker.models import Laboratory, Sex
from tracker.services import panels
from tracker.services.laboratories import Memory, laboratories_of, remembered
from workflow.concepts import Concept


class EnterPanel(FormPage):
    """The page of the panel."""

    template = "tracker/panel.html"

    def heading(self) -> str:
        """The page's name."""
        return _("Laboratory panel")

    def submit(self) -> str:
        """What the button does."""
        return _("Save the panel")

    @cached_property
    def concepts(self) -> tuple[Concept, ...]:
        """The rows."""
        return measured_together(self.protocol)

    @cached_property
    def laboratory(self) -> Laboratory | None:
        """The laboratory that is chosen, by its name; the site's own where none is; None while the site has none."""
        known = list(laboratories_of(self.participant.site))
        chosen = self.request.POST.get("laboratory") or self.request.GET.get("laboratory")
        return next((each for each in known if each.name == chosen), None if chosen else next(iter(known), None))

    @cached_property
    def memory(self) -> Mapping[str, Memory]:
        """What the laboratory used last, by concept, with the limits of the day of the sample."""
        return remembered(self.laboratory, self.concepts, self.participant, self.collected_on)

    @property
    def collected_on(self) -> date:
        """The day of the sample; today while none is named."""
        try:
            return date.fromisoformat(self.request.POST.get("at_0", ""))
        except ValueError:
            return self.now.astimezone(self.participant.zone).date()

    def form(self, data: Any = None) -> PanelForm:
        """Units and upper limits as the laboratory used them last; collected today, at a time that is asked."""
        initial: dict[str, Any] = {"at": self.today, "laboratory": self.laboratory.name if self.laboratory else ""}
        for name, known in self.memory.items():
            initial |= {f"{name}.unit": known.unit, f"{name}.upper_limit": known.upper_limit}
        names = [each.name for each in laboratories_of(self.participant.site)]
        return PanelForm(self.concepts, self.desk, names, self.memory, data, initial=initial)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Save; or ask about what people rarely have; or show what is wrong, with everything that was typed."""
        form = self.form(request.POST)
        asked = panels.open_questions(self.protocol, form.entries()) if form.is_valid() else {}
        if "check" not in request.POST and not asked:
            return super().post(request)
        if asked:
            form.point_to(f"{next(iter(asked))}.value")
        return self.page(self.template, self.context(form), status=422 if asked else 200)

    def save(self, form: PanelForm) -> str:
        """Record every filled row, or none."""
        recorded = panels.record(
            participant=self.participant, laboratory=form.cleaned_data["laboratory"], entries=form.entries(),
            reasons=form.reasons(), by=self.staff, now=self.now,
        )  # fmt: skip
        return _("%(number)d results recorded.") % {"number": len(recorded)}

    def attach(self, form: Any, invalid: Invalid) -> None:
        """Messages by row."""
        form.attach_panel(invalid.errors)

    def context(self, form: Any) -> dict[str, Any]:
        """The rows, each with what it would mean, and the gate beside them."""
        shown = self.shown(form)
        if (faulty := next((name for name in form.errors if name in form.fields), None)) is not None:
            form.point_to(faulty)
        elif not form.is_bound:
            form.fields["at"].widget.widgets[1].attrs["autofocus"] = True
        sex = {Sex.FEMALE.value: _("women"), Sex.MALE.value: _("men")}[self.participant.sex]
        rows = [{**row, **shown.row(row["id"])} for row in form.rows(shown.questions)]
        return {**super().context(form), "rows": rows, "shown": shown, "whose_limits": sex}

    def shown(self, form: PanelForm) -> Shown:
        """What saving now would mean for each row, and for the gate."""
        form.is_valid()
        entries = form.entries() if form.is_bound else []
        foreseen = panels.foresee(participant=self.participant, entries=entries, now=self.now)
        return shown_of(self.reader(self.voice), foreseen, entries, self.now)


class AskPanel(EnterPanel):
    """What saving would mean, told while people type. POST only; nothing is written."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The parts of the page that change, by row."""
        form = self.form(request.POST)
        shown = self.shown(form)
        rows = {row["id"]: self._row({**row, **shown.row(row["id"])}) for row in form.rows(shown.questions)}
        side = render_to_string("tracker/parts/panel_gate.html", {"shown": shown}, request)
        foot = render_to_string("tracker/parts/panel_open.html", {"shown": shown}, request)
        return JsonResponse({"rows": rows, "gate": side, "open": foot})

    def _row(self, row: Mapping[str, Any]) -> dict[str, str]:
        known = self.memory[row["id"]]
        return {
            "state": render_to_string("tracker/parts/panel_state.html", {"row": row}),
            "ask": render_to_string("tracker/parts/panel_ask.html", {"row": row}),
            "unit": known.unit, "limit": known.upper_limit,
        }  # fmt: skip
