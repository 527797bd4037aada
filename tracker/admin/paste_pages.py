"""Pages on which a spreadsheet's columns are pasted, looked at row by row, recorded, and mended."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.desk import Desk
from tracker.admin.fact_fields import unit_field
from tracker.admin.pages import FormPage, ParticipantPage
from tracker.admin.paste_rows import OUTCOMES, judged_rows, kept_rows
from tracker.admin.recordable import recordable
from tracker.admin.service_forms import ReasonForm, ServiceForm, reason_field
from tracker.errors import FactInvalid, Refused
from tracker.models import Fate, Import, ImportLine, Outcome, Participant
from tracker.services import facts, imports, pastes
from tracker.services.laboratories import laboratories_of
from tracker.services.pasting import Names, moment_of


class PasteForm(ServiceForm):
    """The text, and what holds for every line that does not say otherwise."""

    def __init__(self, desk: Desk, laboratories: list[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        attrs = {"class": "dm-paste", "rows": 10, "spellcheck": "false", "autofocus": True}
        self.fields["text"] = forms.CharField(
            label=_("Columns from a spreadsheet"), strip=False, max_length=200_000, widget=forms.Textarea(attrs=attrs),
            help_text=_(
                "With headers or without: subject, test, value, unit, collected, result out, upper limit; or one test "
                "a column. Separated by tabs, semicolons or commas. Numbers with a point: 12.5. Leave "
                "out columns with names: the text is kept."
            ),
        )  # fmt: skip
        choices = [("", "—"), *((name, name) for name in laboratories)]
        self.fields["laboratory"] = forms.ChoiceField(label=_("Measured by"), choices=choices, required=False)
        said = _("For lines that do not say it.")
        self.fields["collected"] = desk.moment(_("Collected"), required=False, help_text=said)
        self.fields["resulted"] = desk.moment(_("Results out"), required=False, help_text=said)
        self.fields["seen"] = forms.CharField(required=False)


class Paste(FormPage):
    """Paste, look at what will be recorded, record."""

    template = "tracker/paste.html"

    def heading(self) -> str:
        """The page's name."""
        return _("Paste from a spreadsheet")

    def submit(self) -> str:
        """What the first button does; nothing is recorded by it."""
        return _("Show what will be recorded")

    def form(self, data: Any = None) -> PasteForm:
        """The text and the shared times."""
        names = [each.name for each in laboratories_of(self.participant.site)]
        return PasteForm(self.desk, names, data, initial={"laboratory": names[0] if names else ""})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show the rows, or record them as they were shown."""
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(self.template, self.context(form), status=422)
        try:
            if "record" in request.POST:
                return self._recorded(form)
            return self._shown(form)
        except Refused as refused:
            form.add_error(None, str(refused))
        return self.page(self.template, self.context(form), status=422)

    def _sheet(self, form: PasteForm) -> pastes.Sheet:
        typed = form.cleaned_data
        laboratory = laboratories_of(self.participant.site).filter(name=typed["laboratory"]).first()
        return pastes.Sheet(
            self.participant, typed["text"], typed.get("collected"), typed.get("resulted"), laboratory
        )  # fmt: skip

    def _shown(self, form: PasteForm) -> HttpResponse:
        """Every line, with what would become of it. Nothing is written."""
        judged = pastes.judge(self._sheet(form), by=self.staff, now=self.now)
        told = judged_rows(self.voice, judged)
        return self.page(self.template, {**self.context(form), "told": told, "seen": pastes.digest(judged)})

    def _recorded(self, form: PasteForm) -> HttpResponse:
        seen = form.cleaned_data["seen"]
        batch = imports.take_in(self._sheet(form), seen=seen, by=self.staff, now=self.now)
        return HttpResponseRedirect(reverse("admin:tracker_import", args=[self.participant.pk, batch.pk]))


class PageOfPaste(ParticipantPage):
    """A page about one paste."""

    action = access.Action.RECORD_FACT

    @cached_property
    def batch(self) -> Import:
        """The paste. Raises Http404 for one of another participant, or about anybody the reader may not see."""
        rows = Import.objects.filter(participant=self.participant)
        found = rows.select_related("pasted_by").filter(pk=self.kwargs["batch"]).first()
        if found is None or self._hidden(found):
            raise Http404(_("There is no such paste."))
        found.participant = self.participant
        return found

    def _hidden(self, batch: Import) -> bool:
        return access.pastes_hidden_from(self.staff, self.now).filter(pk=batch.pk).exists()


class ImportPage(PageOfPaste):
    """One paste: how many lines went where, and each line with what became of it."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The counts and the lines."""
        lines = list(self.batch.lines.select_related("participant__site", "fact", "settled_by"))
        counts = [(outcome, OUTCOMES[outcome](), getattr(self.batch, outcome.value)) for outcome in Outcome]
        context = {
            "heading": _("What was pasted"), "batch": self.batch, "told": kept_rows(self.voice, lines),
            "counts": counts, "pasted_at": self.voice.at(self.batch.pasted_at),
            "waiting": sum(line.fate == Fate.WAITING for line in lines),
        }  # fmt: skip
        return self.page("tracker/import.html", context)


class LinePage(FormPage, PageOfPaste):
    """A page about one line that was set aside."""

    @cached_property
    def line(self) -> ImportLine:
        """The line. Raises Http404 for one that waits for nobody."""
        found = self.batch.lines.filter(pk=self.kwargs["line"], fate=Fate.WAITING).first()
        if found is None:
            raise Http404(_("There is no such line waiting."))
        found.batch = self.batch
        return found

    @property
    def home(self) -> str:
        """The paste."""
        return reverse("admin:tracker_import", args=[self.participant.pk, self.batch.pk])

    def context(self, form: Any) -> dict[str, Any]:
        """What came, and why it was set aside."""
        typed = " · ".join(text for text in self.line.typed.values() if text)
        return {**super().context(form), "about": f"{typed}: {self.line.why}"}


class MendForm(ServiceForm):
    """The line as it should have been."""

    def __init__(self, page: "Mend", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        concepts = [concept for concept in recordable(page.protocol) if concept.kind == "quantity"]
        choices = [(concept.id, page.voice.label(concept)) for concept in concepts]
        known = Names(page.protocol).find(page.line.typed.get("analyte", ""))
        self.fields["subject"] = forms.CharField(label=_("Subject number"))
        self.fields["concept"] = forms.ChoiceField(label=_("Test"), choices=choices)
        self.fields["value"] = forms.CharField(label=_("Value"))
        self.fields["unit"] = unit_field(known) if known else forms.CharField(label=_("Unit"), required=False)
        self.fields["upper_limit"] = forms.CharField(label=_("Upper limit of normal"), required=False)
        desk = Desk(page.voice, page.whose.zone, page.now)
        self.fields["at"] = desk.moment(_("Collected"), time_required=False)
        self.fields["resulted_at"] = desk.moment(_("Results out"), required=False)
        self.fields["kept"] = forms.BooleanField(
            label=_("Checked: this is what the laboratory reports"), required=False,
            help_text=_("Tick it where a number was asked about and is right."),
        )  # fmt: skip
        self.fields["reason"] = reason_field()


class Mend(LinePage):
    """Record the line as it should have been."""

    @cached_property
    def whose(self) -> Participant:
        """Of whom the line speaks, on whose site's clock its times are; she on whose page it was pasted, else."""
        return self.line.participant or self.participant

    def heading(self) -> str:
        """The question."""
        return _("What should this line say?")

    def submit(self) -> str:
        """What the button does."""
        return _("Record it; keep how it came beside it")

    def form(self, data: Any = None) -> MendForm:
        """What came, where it could be read."""
        typed = self.line.typed
        known = Names(self.protocol).find(typed.get("analyte", ""))
        initial = {name: typed.get(name, "") for name in ("value", "unit", "upper_limit")}
        initial |= {"subject": typed.get("subject") or self.whose.subject_number, "concept": known.id if known else ""}
        initial |= {
            "at": self._moment(typed.get("collected", "")),
            "resulted_at": self._moment(typed.get("resulted", "")),
        }
        return MendForm(self, data, initial=initial)

    def _moment(self, text: str) -> Any:
        found = moment_of(text)
        return found.replace(tzinfo=self.whose.zone) if isinstance(found, datetime) else found

    def save(self, form: MendForm) -> str:
        """Record it for whom it is about."""
        typed = form.cleaned_data
        entry = facts.FactEntry(
            concept=typed["concept"], at=typed["at"], value=typed["value"], unit=typed["unit"], kept=typed["kept"],
            upper_limit=typed["upper_limit"], resulted_at=typed["resulted_at"], laboratory=self.batch.laboratory,
        )  # fmt: skip
        whose = imports.subject_of(self.participant.study, typed["subject"], by=self.staff, now=self.now)
        if whose.zone != self.whose.zone:
            raise FactInvalid({"subject": [_("The clock of this subject’s site is another: paste the line there.")]})
        imports.mend(
            line=self.line, participant=whose, entry=entry, reason=typed["reason"], by=self.staff, now=self.now
        )  # fmt: skip
        return _("Recorded: line %(number)d.") % {"number": self.line.number}


class Dismiss(LinePage):
    """Say that a line is not to be recorded, and why."""

    def heading(self) -> str:
        """The question."""
        return _("Why is this line not recorded?")

    def submit(self) -> str:
        """What the button does."""
        return _("Dismiss the line; it stays readable")

    def form(self, data: Any = None) -> ReasonForm:
        """The reason."""
        return ReasonForm(data)

    def save(self, form: ReasonForm) -> str:
        """Dismiss it."""
        imports.dismiss(line=self.line, reason=form.cleaned_data["reason"], by=self.staff, now=self.now)
        return _("Dismissed: line %(number)d.") % {"number": self.line.number}
