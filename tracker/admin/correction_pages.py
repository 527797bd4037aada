"""The page on which a step of the journal is corrected: it happened at another time, or it never happened."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.gate_card import card_of
from tracker.admin.pages import FormPage
from tracker.admin.service_forms import ServiceForm, reason_field
from tracker.admin.signing import password_field, signing_of
from tracker.admin.step_words import step_label
from tracker.models import Meaning, StepRecord
from tracker.services import step_corrections
from tracker.services.signatures import Signing, hash_of_gate
from tracker.services.step_corrections import gate_at_corrected_time, may_take_back, what_stands_on
from tracker.services.steps import is_signed
from tracker.wording import Voice
from workflow.answers import Gate
from workflow.stages import Stage, Step

TIME, ERROR = "time", "error"


class CorrectStepForm(ServiceForm):
    """What was wrong, when it really happened, and why."""

    def __init__(self, page: "CorrectStep", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(TIME, _("It happened at another time")), (ERROR, _("It was recorded in error: it never happened"))]
        self.fields["what"] = forms.ChoiceField(
            label=_("What was wrong"), choices=choices, widget=forms.RadioSelect,
            error_messages={"required": _("Choose what was wrong.")},
        )  # fmt: skip
        self.fields["happened_at"] = page.desk.moment(_("When it really happened"), required=False)
        self.fields["reason"] = reason_field()
        if page.is_signed:
            self.fields["password"] = password_field()

    def clean(self) -> dict[str, Any]:
        """Another time is given where that was wrong."""
        typed = super().clean() or {}
        nothing = "happened_at" not in self.errors and typed.get("happened_at") is None
        if typed.get("what") == TIME and nothing:
            self.add_error("happened_at", _("Give the date and the time."))
        return typed


class CorrectStep(FormPage):
    """One step that stands: moved to when it happened, or taken back.

    The button `show` asks the gate at the time that was typed, and writes nothing.
    """

    template = "tracker/correct_step.html"

    @cached_property
    def record(self) -> StepRecord:
        """The row of the journal. Raises Http404 for another participant's."""
        rows = self.participant.steps.select_related("fact", "original", "recorded_by")
        found = rows.filter(pk=self.kwargs["record"]).first()
        if found is None:
            raise Http404(_("There is no such entry."))
        found.participant = self.participant
        return found

    @property
    def step(self) -> Step:
        """The step that is corrected."""
        return Step(self.record.step)

    def needed_action(self) -> access.Action:
        """What the step itself takes."""
        return access.action_of(self.step)

    @property
    def is_signed(self) -> bool:
        """Whether whoever corrects the step signs it."""
        return is_signed(self.step, self.protocol)

    def heading(self) -> str:
        """What is done here."""
        return _("Correct: %(step)s") % {"step": step_label(self.voice, self.step)}

    def submit(self) -> str:
        """The consequence."""
        return _("Correct; keep the old entry beside it")

    def form(self, data: Any = None) -> CorrectStepForm:
        """Starts from the time on record."""
        return CorrectStepForm(self, data, initial={"happened_at": self.record.happened_at})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Correct the step; or show the gate at the time that was typed, keeping the rest."""
        if "show" not in request.POST:
            return super().post(request, **kwargs)
        form = self.form(request.POST)
        form.is_valid()
        if "happened_at" in form.errors:
            return self.page(self.template, self.context(form), status=422)
        typed = {name: value for name, value in form.cleaned_data.items() if name != "password"}
        return self.page(self.template, self.context(CorrectStepForm(self, initial=typed)))

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """What is on record, what would follow, and the gate at the time in the form."""
        at = self._time_in(form)
        gate = self._gate(at)
        voice = Voice(self.protocol, self.participant.zone, self.voice.language, at)
        labels, came_from = self.protocol.stages, Stage(self.record.from_stage)
        standing = list(self.participant.steps.standing().select_related("fact"))
        stands = self.record.pk in {row.pk for row in standing}
        return {
            **super().context(form),
            "about": self._about(),
            "stands": stands,
            "back_to": self.voice.label(labels[came_from]),
            "stays_in": self.voice.label(labels[Stage(self.participant.stage)]),
            "upon": what_stands_on(self.record, self.participant, standing) if stands else "",
            "may_take_back": may_take_back(self.record, self.participant, self.staff, self.now),
            "card": card_of(self.reader(voice), gate, at) if gate else None,
            "asked_at": self.voice.at(at),
            "shown": hash_of_gate(gate),
            "meaning": Meaning.CORRECTION.label if self.is_signed else "",
        }

    def save(self, form: CorrectStepForm) -> str:
        """Move the step, or take it back."""
        typed, words = form.cleaned_data, {"step": step_label(self.voice, self.step)}
        about = {"record": self.record, "reason": typed["reason"], "by": self.staff, "now": self.now}
        if typed["what"] == ERROR:
            step_corrections.take_back(**about, signature=self._signing(typed, shown=""))
            stage = self.voice.label(self.protocol.stages[Stage(self.record.from_stage)])
            return _("Taken back: %(step)s. The stage is “%(stage)s” again.") % {**words, "stage": stage}
        signature = self._signing(typed, self.request.POST.get("shown", ""))
        step_corrections.correct_time(**about, happened_at=typed["happened_at"], signature=signature)
        return _("Corrected: %(step)s. Both entries stay in the journal, and its gate was judged again.") % words

    def _signing(self, typed: dict[str, Any], shown: str) -> Signing | None:
        return signing_of(self.request, self.staff, typed["password"], shown) if self.is_signed else None

    def _gate(self, at: datetime) -> Gate | None:
        return gate_at_corrected_time(self.record, at)

    def _time_in(self, form: ServiceForm) -> datetime:
        typed = getattr(form, "cleaned_data", {}).get("happened_at") or form.initial.get("happened_at")
        return typed if isinstance(typed, datetime) else self.record.happened_at

    def _about(self) -> str:
        words = {"step": step_label(self.voice, self.step), "when": self.voice.at(self.record.happened_at)}
        return _("On record: %(step)s, %(when)s") % words
