"""One deviation: what was not kept, its cause, impact and action, and the signature that closes it."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access
from tracker.admin.deviation_card import deviation_words, url_of
from tracker.admin.pages import FormPage, ParticipantPage
from tracker.admin.service_forms import ServiceForm
from tracker.admin.signature_card import signature_words
from tracker.admin.signing import password_field, signing_of
from tracker.errors import Invalid
from tracker.models import Deviation, Meaning
from tracker.services import deviations, signatures


class CompleteForm(ServiceForm):
    """The three texts; any may still be blank in a draft."""

    cause = forms.CharField(
        label=gettext_lazy("Cause"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why it came to this; no names, please."),
    )  # fmt: skip
    impact = forms.CharField(
        label=gettext_lazy("Impact"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("On the participant’s safety, rights and data."),
    )  # fmt: skip
    action = forms.CharField(
        label=gettext_lazy("Action taken"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What was done, and what keeps it from happening again."),
    )  # fmt: skip


def _reason_of_a_change() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), required=False, max_length=500,
        help_text=_("Where you change what is written already: why. It stays in the audit trail."),
    )  # fmt: skip


class PasswordForm(ServiceForm):
    """The password; nothing else."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"] = password_field()


class DeviationPage(ParticipantPage):
    """A page about one deviation of one participant."""

    @cached_property
    def deviation(self) -> Deviation:
        """The deviation of the address. Raises Http404 where the participant has none of that number."""
        mine = Deviation.objects.filter(participant=self.participant).select_related("step_record", "reported_by")
        found = mine.filter(pk=self.kwargs["deviation"]).first()
        if found is None:
            raise Http404(_("There is no such deviation."))
        found.participant = self.participant
        return found

    def shown(self) -> dict[str, Any]:
        """What every page about a deviation shows."""
        deviation = self.deviation
        given = deviation.signatures.select_related("signer", "deviation__participant__study").order_by("signed_at")
        refusal = deviations.why_not_theirs(deviation, self.participant, self.staff, self.now)
        may_sign = self.may(access.Action.CLOSE_DEVIATION)
        return {
            "heading": _("Deviation"),
            "crumb": _("Deviation"),
            "deviation": deviation,
            "said": deviation_words(self.voice, deviation),
            "signatures": [signature_words(self.voice, each) for each in given],
            "may_complete": deviation.is_draft and self.may(access.Action.COMPLETE_DEVIATION),
            "may_sign": deviation.is_draft and may_sign and not refusal,
            "why_not": refusal if deviation.is_draft and may_sign else "",
            "own_url": url_of(deviation),
        }


class ShowDeviation(DeviationPage):
    """The deviation's own page; it reads."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """What was not kept, and where it stands."""
        return self.page("tracker/deviation.html", self.shown())


class CompleteDeviation(DeviationPage, FormPage):
    """Write cause, impact and action; as often as it takes, until it is signed."""

    action = access.Action.COMPLETE_DEVIATION
    template = "tracker/deviation.html"

    def heading(self) -> str:
        """What is written here."""
        return _("Cause, impact and action")

    def form(self, data: Any = None) -> CompleteForm:
        """The texts as they stand."""
        written = {name: getattr(self.deviation, name) for name in deviations.TEXTS}
        form = CompleteForm(data, initial=written)
        if any(written.values()):
            form.fields["reason"] = _reason_of_a_change()
        return form

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """The deviation stands beside the form."""
        return {**self.shown(), **super().context(form)}

    def save(self, form: CompleteForm) -> str:
        """Write them."""
        typed = {name: form.cleaned_data[name] for name in deviations.TEXTS}
        why = form.cleaned_data.get("reason", "")
        deviations.complete(deviation=self.deviation, **typed, reason=why, by=self.staff, now=self.now)
        return _("Saved. The deviation is still a draft: later steps are held until it is signed.")


class CloseDeviation(DeviationPage, FormPage):
    """Sign and close: it releases the steps that were held."""

    action = access.Action.CLOSE_DEVIATION
    template = "tracker/deviation.html"

    def heading(self) -> str:
        """What is done here."""
        return _("Sign and close this deviation")

    def submit(self) -> str:
        """The consequence."""
        return _("Sign, close, and release the steps it holds")

    def attach(self, form: ServiceForm, invalid: Invalid) -> None:
        """The texts are written on another page: that they are missing is said above the form."""
        if invalid.errors.keys() & set(deviations.TEXTS):
            form.add_error(None, _("Cause, impact and action are written before this is signed."))
        else:
            super().attach(form, invalid)

    def form(self, data: Any = None) -> PasswordForm:
        """The password."""
        return PasswordForm(data)

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """What is signed stands beside the form."""
        content = signatures.content_of_deviation(self.deviation)
        sealed = {"shown": signatures.hash_of(content), "meaning": Meaning.DEVIATION.label}
        return {**self.shown(), **super().context(form), **sealed}

    def save(self, form: PasswordForm) -> str:
        """Close it."""
        shown = self.request.POST.get("shown", "")
        signing = signing_of(self.request, self.staff, form.cleaned_data["password"], shown)
        deviations.close(deviation=self.deviation, by=self.staff, now=self.now, signing=signing)
        return _("Signed and closed. It holds no step any more.")
