"""Pages on which steps are taken: what the gate says at that time, and what confirming will do."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.gate_card import card_of
from tracker.admin.pages import FormPage
from tracker.admin.service_forms import ServiceForm, note_field, reason_field
from tracker.admin.signing import password_field, signing_of
from tracker.admin.step_words import consequence, step_label
from tracker.errors import Refused, SteppedByAnother, StepRefused
from tracker.models import Meaning
from tracker.services import participants
from tracker.services.signatures import Signing, hash_of_gate
from tracker.services.steps import gate_at, is_signed
from tracker.wording import Voice
from workflow.facts import Moment
from workflow.stages import GUARDED_STEPS, Stage, Step


class StepForm(ServiceForm):
    """When the step happened, and, where its gate stops it, why it is reported all the same."""

    def __init__(self, page: "TakeStep", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["happened_at"] = page.desk.moment(_("When it happened"))
        self.fields["expected_stage"] = forms.CharField(widget=forms.HiddenInput)
        if page.step is Step.RESCREEN:
            self.fields["detail"] = forms.CharField(label=_("Version of the consent form (ICF)"), required=False)
        required = page.reports or page.step not in GUARDED_STEPS
        self.fields["reason"] = reason_field() if required else note_field()
        if page.is_signed:
            self.fields["password"] = password_field()

    def clean_expected_stage(self) -> str:
        """The stage the person saw."""
        seen = str(self.cleaned_data["expected_stage"])
        if seen not in set(Stage):
            raise forms.ValidationError(_("This form is out of date. Open the participant again."))
        return seen


class StepPage(FormPage):
    """A page about one step of one participant. An unknown step is not found."""

    @cached_property
    def step(self) -> Step:
        """The step of the address. Raises Http404."""
        if self.kwargs["step"] not in set(Step):
            raise Http404(_("There is no such step."))
        return Step(self.kwargs["step"])

    @property
    def label(self) -> str:
        """What the step is called."""
        return step_label(self.voice, self.step)


class TakeStep(StepPage):
    """One step of the journey: asked again by the service at the moment it is confirmed.

    `?report=1` reports what has happened although its gate stops it; `?happened_at_0=…&happened_at_1=…` shows the gate
    at another time, and so does the button `show`, which writes nothing.
    """

    template = "tracker/step.html"

    def needed_action(self) -> access.Action:
        """Each step has an action of its own."""
        return access.action_of(self.step)

    @property
    def reports(self) -> bool:
        """Whether something is reported that happened against its gate, or that became known late."""
        return "report" in self.request.GET and (self.step in GUARDED_STEPS or self.step in access.EXITS)

    @property
    def is_signed(self) -> bool:
        """Whether whoever records the step signs it."""
        return is_signed(self.step, self.protocol)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the step; or show the gate at the time that was typed, keeping the rest."""
        if "show" not in request.POST:
            return super().post(request, **kwargs)
        form = self.form(request.POST)
        form.is_valid()
        if "happened_at" in form.errors:
            return self.page(self.template, self.context(form), status=422)
        typed = {name: value for name, value in form.cleaned_data.items() if name != "password"}
        return self.page(self.template, self.context(StepForm(self, initial=typed)))

    def heading(self) -> str:
        """The step, as a verb."""
        return self.label

    def submit(self) -> str:
        """The consequence."""
        if self.reports and self.step in GUARDED_STEPS:
            return _("Report it; a deviation is drafted and people are told")
        return consequence(self.voice, self.step, self.participant.subject_number)

    def form(self, data: Any = None) -> StepForm:
        """The time is now unless another is asked about."""
        asked = self._asked_time()
        initial = {"happened_at": asked or self.desk.minute, "expected_stage": self.participant.stage}
        return StepForm(self, data, initial=initial)

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """The gate at the time in the form."""
        at = self._time_in(form)
        gate = gate_at(self.participant, self.step, at)
        # The reader's sentences count from the time that is asked about, not from when the page was opened.
        voice = Voice(self.protocol, self.participant.zone, self.voice.language, at)
        return {
            **super().context(form),
            "card": card_of(self.reader(voice), gate, at) if gate else None,
            "asked_at": self.voice.at(at),
            "reports": self.reports,
            "can_report": gate is not None and gate.in_order and not gate.allowed,
            "can_be_late": self.step in access.EXITS and self.participant.steps.standing().exists(),
            "possible": self.step in self.participant.possible_steps(),
            "shown": hash_of_gate(gate),
            "meaning": self._meaning().label if self.is_signed else "",
        }

    def save(self, form: StepForm) -> str:
        """Move the participant."""
        typed = form.cleaned_data
        record = participants.take_step(
            participant=self.participant, step=self.step, happened_at=typed["happened_at"], by=self.staff, now=self.now,
            reason=typed["reason"], reported_afterwards=self.reports, detail=typed.get("detail", ""),
            expected_stage=typed["expected_stage"], signature=self._signing(typed),
        )  # fmt: skip
        stage = self.voice.label(self.protocol.stages[Stage(record.to_stage)])
        words = {"subject": self.participant.subject_number, "stage": stage}
        return _("%(subject)s is now in the stage “%(stage)s”.") % words

    def why(self, refused: Refused) -> str:
        """The gate's refusal points to its conditions; another person's step is told by the stages' names."""
        if isinstance(refused, StepRefused):
            return _("The gate stops a start at this time: the open conditions are listed on this page.")
        if isinstance(refused, SteppedByAnother) and refused.expected is not refused.found:
            labels = self.protocol.stages
            words = {"from": self.voice.label(labels[refused.expected]), "to": self.voice.label(labels[refused.found])}
            return _("The participant was moved by another person meanwhile: from “%(from)s” to “%(to)s”.") % words
        return super().why(refused)

    def _meaning(self) -> Meaning:
        """What the signature will say."""
        return Meaning.REPORTED if self.reports else Meaning(self.step.value)

    def _signing(self, typed: dict[str, Any]) -> Signing | None:
        if not self.is_signed:
            return None
        return signing_of(self.request, self.staff, typed["password"], self.request.POST.get("shown", ""))

    def _asked_time(self) -> Moment | None:
        field = self.desk.moment(_("When it happened"))
        parts = [self.request.GET.get("happened_at_0", ""), self.request.GET.get("happened_at_1", "")]
        try:
            return field.clean(parts) if any(parts) else None
        except forms.ValidationError:
            return None

    def _time_in(self, form: ServiceForm) -> datetime:
        typed = getattr(form, "cleaned_data", {}).get("happened_at") or form.initial.get("happened_at")
        asked = typed or self._asked_time() or self.desk.minute
        return asked if isinstance(asked, datetime) else self.desk.minute
