"""Registering a participant: who, at which site of which study."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from tracker.access import Action, permits
from tracker.admin.pages import staff
from tracker.admin.service_forms import ServiceForm
from tracker.errors import Invalid
from tracker.models import Assignment, Sex, Site, Study, User
from tracker.services.participants import register_participant

Place = tuple[Study, Site]

_KNOWN = "_daymark_places"


def places(request: HttpRequest) -> dict[str, Place]:
    """The sites and studies at which the person may register somebody today, by the value of the form's choice.

    The database is asked once for each request: several parts of a page need to know.
    """
    known: dict[str, Place] | None = getattr(request, _KNOWN, None)
    if known is None:
        known = _places(staff(request), timezone.now())
        setattr(request, _KNOWN, known)
    return known


def _places(user: User, now: datetime) -> dict[str, Place]:
    if user.is_superuser:
        found = [(study, site) for study in Study.objects.all() for site in Site.objects.all()]
    else:
        mine = Assignment.objects.active_at(now).filter(user=user).select_related("study", "site")
        able = (each for each in mine if permits(user, Action.REGISTER, frozenset({each.role})))
        found = list({(each.study_id, each.site_id): (each.study, each.site) for each in able}.values())
    return {f"{study.pk}-{site.pk}": (study, site) for study, site in found}


class RegisterForm(ServiceForm):
    """What is fixed about a participant. No name is asked for: the subject number is the only identity here."""

    def __init__(self, offered: dict[str, Place], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(key, f"{study} · {site}") for key, (study, site) in offered.items()]
        levels = {level for study, _site in offered.values() for level in study.dose_levels}
        self.fields["place"] = forms.ChoiceField(label=_("Study and site"), choices=choices)
        self.fields["subject_number"] = forms.CharField(label=_("Subject number"))
        sexes = forms.RadioSelect(choices=[(code, str(label).capitalize()) for code, label in Sex.choices])
        self.fields["sex"] = forms.CharField(label=_("Sex"), widget=sexes)
        self.fields["birth_date"] = forms.DateField(
            label=_("Date of birth"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            input_formats=["%Y-%m-%d"], error_messages={"invalid": _("Write the date as 1985-04-10.")},
        )  # fmt: skip
        offered_levels = [("", _("not assigned")), *((level, level) for level in sorted(levels))]
        self.fields["dose_level"] = forms.CharField(
            label=_("Dose level"), required=False, widget=forms.Select(choices=offered_levels)
        )


class Register(View):
    """The form. Only those who may register somebody somewhere reach it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self._page(RegisterForm(self._offered()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Register, or show the form again with everything that was typed."""
        offered = self._offered()
        form = RegisterForm(offered, request.POST)
        if form.is_valid():
            study, site = offered[form.cleaned_data.pop("place")]
            try:
                made = register_participant(
                    study=study, site=site, by=staff(request), now=timezone.now(), **form.cleaned_data
                )
            except Invalid as invalid:
                form.attach(invalid.errors)
            else:
                messages.success(request, _("Registered: %(subject)s.") % {"subject": made.subject_number})
                return HttpResponseRedirect(reverse("admin:tracker_participant_change", args=[made.pk]))
        return self._page(form, status=422)

    def _offered(self) -> dict[str, Place]:
        offered = places(self.request)
        if not offered:
            raise PermissionDenied
        return offered

    def _page(self, form: RegisterForm, *, status: int = 200) -> HttpResponse:
        context = {
            **admin.site.each_context(self.request), "title": _("Register a participant"), "form": form,
            "heading": _("Who takes part?"), "submit": _("Register"),
            "home": reverse("admin:tracker_participant_changelist"),
        }  # fmt: skip
        return TemplateResponse(self.request, "tracker/form.html", context, status=status)
