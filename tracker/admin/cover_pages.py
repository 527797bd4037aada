"""Who is there: absences with their deputies and duties on call, shown for one's own sites, entered and cancelled."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import absences_visible_to, assignments_visible_to, colleagues_of, duties_visible_to
from tracker.admin.alert_card import person
from tracker.admin.cover_card import Roster
from tracker.admin.fields import MomentField
from tracker.admin.own_pages import OwnPage
from tracker.admin.service_forms import ServiceForm
from tracker.errors import CoverInvalid
from tracker.models import Absence, Assignment, Duty, User
from tracker.services import cover
from tracker.services.cover import AbsenceEntry, DutyEntry
from tracker.wording import clock_words, moment_words


class ShowCover(OwnPage):
    """Everybody who works where the reader works: who is away, who stands in, who is on call."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The page; what may be entered or cancelled carries its button."""
        context = {"title": _("Who is there"), "people": Roster(self.staff, self.now).people()}
        return self.page("tracker/cover.html", context)


class _CoverForm(OwnPage):
    """A page with one form, after which the list is shown again."""

    heading = ""
    submit = ""

    def form(self, data: Any = None) -> ServiceForm:
        """The form, filled with what was sent."""
        raise NotImplementedError

    def save(self, form: Any) -> str:
        """Call the service; say in one sentence what was done."""
        raise NotImplementedError

    def about(self) -> str:
        """Of whom the form speaks."""
        return ""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show the form, which changes nothing."""
        return self._shown(self.form())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Save, or show the form again with everything that was typed."""
        form = self.form(request.POST)
        if form.is_valid():
            try:
                messages.success(request, self.save(form))
            except CoverInvalid as invalid:
                form.attach(invalid.errors)
            else:
                return HttpResponseRedirect(reverse("admin:tracker_cover"))
        return self._shown(form, status=422)

    def _shown(self, form: ServiceForm, *, status: int = 200) -> HttpResponse:
        context = {
            "form": form, "title": self.heading, "heading": self.heading, "submit": self.submit, "about": self.about(),
            "home": reverse("admin:tracker_cover"), "place": _("Who is there"),
        }  # fmt: skip
        return self.page("tracker/form.html", context, status=status)


class _Deputy(forms.ModelChoiceField):
    """One of the colleagues, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """As staff are called everywhere."""
        return person(obj)


class AbsenceForm(ServiceForm):
    """From when until when, and who is told instead."""

    def __init__(self, user: User, deputies: list[User], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._user = user
        self.fields["first_day"] = _day(_("First day away"))
        self.fields["last_day"] = _day(_("Last day away"))
        self.fields["deputy"] = _Deputy(
            User.objects.filter(pk__in=[each.pk for each in deputies]), label=_("Deputy"), required=False,
            empty_label=_("nobody: the others in the role are enough"),
            help_text=_("Whoever stands in gets every message of these days, and no permission that is not hers."),
        )  # fmt: skip

    def entry(self) -> AbsenceEntry:
        """What was typed, for the service to judge."""
        return AbsenceEntry(user=self._user, **self.cleaned_data)


class EnterAbsence(_CoverForm):
    """An absence of the reader's own, or of somebody for whom she arranges it."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the person among the reader's colleagues. Raises Http404 and NotAllowed."""
        super().setup(request, *args, **kwargs)
        found = colleagues_of(self.staff, self.now).filter(pk=kwargs["user"]).first()
        if found is None:
            raise Http404(_("There is no such entry."))
        cover.demand_for(found, self.staff, self.now)
        self.user: User = found
        self.heading, self.submit = _("Who is away, and who stands in?"), _("Enter the absence")

    def about(self) -> str:
        """The person."""
        return person(self.user)

    def form(self, data: Any = None) -> AbsenceForm:
        """The form of this person's absence."""
        return AbsenceForm(self.user, cover.possible_deputies(self.user, self.now), data)

    def save(self, form: AbsenceForm) -> str:
        """Keep it."""
        cover.enter_absence(entry=form.entry(), by=self.staff, now=self.now)
        return _("Entered. Whatever comes in these days goes to whoever stands in.")


class DutyForm(ServiceForm):
    """From which instant until which, on the clock of the site."""

    def __init__(self, assignment: Assignment, zone: ZoneInfo, now: Any, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._assignment = assignment
        self.fields["starts_at"] = MomentField(zone=zone, now=now, label=_("On call from"))
        self.fields["ends_at"] = MomentField(zone=zone, now=now, label=_("On call until"))

    def entry(self) -> DutyEntry:
        """What was typed, for the service to judge."""
        return DutyEntry(self._assignment, **self.cleaned_data)


class EnterDuty(_CoverForm):
    """A duty on call in one of a colleague's roles."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the assignment at the reader's sites. Raises Http404 and NotAllowed."""
        super().setup(request, *args, **kwargs)
        found = assignments_visible_to(self.staff, self.now).filter(pk=kwargs["assignment"]).first()
        if found is None:
            raise Http404(_("There is no such entry."))
        cover.demand_at(found, self.staff, self.now)
        self.assignment: Assignment = found
        self.heading, self.submit = _("Who is on call?"), _("Enter the duty")

    def about(self) -> str:
        """The person, the role and the site."""
        held = self.assignment
        said = _("%(person)s, %(role)s, %(site)s: what is urgent then goes to whoever is on call in the role alone.")
        return said % {"person": person(held.user), "role": held.get_role_display(), "site": held.site}

    def form(self, data: Any = None) -> DutyForm:
        """The form, on the clock of the site."""
        return DutyForm(self.assignment, self.assignment.site.zone, self.now, data)

    def save(self, form: DutyForm) -> str:
        """Keep it."""
        cover.enter_duty(entry=form.entry(), by=self.staff, now=self.now)
        return _("Entered.")


class CancelAbsence(_CoverForm):
    """An absence that is over early, or was entered in error; its row stays."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find it among the colleagues'. Raises Http404 and NotAllowed."""
        super().setup(request, *args, **kwargs)
        found = absences_visible_to(self.staff, self.now).filter(pk=kwargs["absence"]).first()
        if found is None:
            raise Http404(_("There is no such entry."))
        cover.demand_for(found.user, self.staff, self.now)
        self.absence: Absence = found
        self.heading, self.submit = _("Cancel this absence?"), _("Cancel the absence")

    def about(self) -> str:
        """Whose, and its days."""
        return f"{person(self.absence.user)}, {self.absence.first_day} – {self.absence.last_day}"

    def form(self, data: Any = None) -> ServiceForm:
        """Nothing is asked."""
        return ServiceForm({} if data is None else data)

    def save(self, _form: ServiceForm) -> str:
        """Cancel it."""
        cover.cancel_absence(absence=self.absence, by=self.staff, now=self.now)
        return _("Cancelled. From now on messages go to herself again.")


class CancelDuty(_CoverForm):
    """A duty that somebody else takes, or that was entered in error; its row stays."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find it at the reader's sites. Raises Http404 and NotAllowed."""
        super().setup(request, *args, **kwargs)
        found = duties_visible_to(self.staff, self.now).filter(pk=kwargs["duty"]).first()
        if found is None:
            raise Http404(_("There is no such entry."))
        cover.demand_at(found.assignment, self.staff, self.now)
        self.duty: Duty = found
        self.heading, self.submit = _("Cancel this duty?"), _("Cancel the duty")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clock of its site."""
        return self.duty.assignment.site.zone

    def about(self) -> str:
        """Whose, and from when until when."""
        language, instants = get_language() or "en", (self.duty.starts_at, self.duty.ends_at)
        starts, ends = (moment_words(each, self.zone, language, self.now) for each in instants)
        return f"{person(self.duty.assignment.user)}, {starts} – {ends} ({clock_words(self.zone, self.duty.starts_at)})"

    def form(self, data: Any = None) -> ServiceForm:
        """Nothing is asked."""
        return ServiceForm({} if data is None else data)

    def save(self, _form: ServiceForm) -> str:
        """Cancel it."""
        cover.cancel_duty(duty=self.duty, by=self.staff, now=self.now)
        return _("Cancelled. What is urgent goes to everybody in the role again.")


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Write the date as 1985-04-10.")},
    )  # fmt: skip


COVER_PAGES: tuple[tuple[str, str, type[OwnPage]], ...] = (
    ("", "tracker_cover", ShowCover),
    ("away/<int:user>/", "tracker_absence", EnterAbsence),
    ("away/<int:absence>/cancel/", "tracker_absence_cancel", CancelAbsence),
    ("on-call/<int:assignment>/", "tracker_duty", EnterDuty),
    ("on-call/<int:duty>/cancel/", "tracker_duty_cancel", CancelDuty),
)
