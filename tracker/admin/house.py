"""Setting up: sites, studies, people and what they do; for superusers."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.forms import UserCreationForm
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from tracker.admin.listed import Listed
from tracker.admin.pages import staff
from tracker.admin.password_pages import GivePasswordForm
from tracker.admin.reasoned import Reasoned, ReasonedForm
from tracker.admin.reset_codes_page import ResetCodes
from tracker.admin.rights import GrantForm, PersonPicker, RightsForm
from tracker.audit.context import because
from tracker.models import Assignment, SignInEnd, Site, Study, User
from tracker.services import addresses, new_passwords, sign_ins, versions
from tracker.services.codes import has_codes
from tracker.wording import rules_words
from workflow.loading import shipped_protocol, shipped_protocols, versions_to_go_on_to
from workflow.protocol import Protocol


class SetUpAdmin(Listed):
    """What only superusers see and change. Nothing that participants hang on is deleted."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return bool(request.user.is_active and request.user.is_superuser)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row. Raises PermissionDenied first: Django's own history page would tell anybody which rows there are."""
        if not self.has_module_permission(request):
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Superusers only."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Superusers only."""
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: an assignment is ended by its last day, an account by its “active” mark."""
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Keep it, with the reason beside it in the audit trail, where the form asks for one."""
        with because(form.cleaned_data.get("reason", ""), by=staff(request).pk):
            super().save_model(request, obj, form, change)


class SiteForm(ReasonedForm):
    """The time zone is chosen from the real ones; there is none by default, since every day is counted in it."""

    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [("", "—"), *((name, name) for name in sorted(available_timezones()))],
        error_messages={
            "required": _("Choose the site’s time zone: all its days and times are counted in it."),
            "invalid_choice": _("“%(value)s” is not a time zone: expected an IANA name such as Asia/Shanghai."),
        },
        widget=UnfoldAdminSelect2Widget,
    )  # fmt: skip

    class Meta:
        model = Site
        fields = ("code", "name", "name_zh", "timezone")


@admin.register(Site)
class SiteAdmin(Reasoned, SetUpAdmin):
    """Hospitals."""

    form = SiteForm
    list_display = ("name", "code", "timezone")


class StudyForm(ReasonedForm):
    """The protocol is one that comes with the program; dose levels stand one a line.

    A study that exists keeps to its trial: it goes on to another version, for a reason.
    """

    protocol_id = forms.ChoiceField(
        label=_("Protocol"), choices=lambda: _choices(map(shipped_protocol, shipped_protocols())),
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "The version that new participants consent to. Who has consented keeps hers until she consents to another."
        ),
    )  # fmt: skip
    levels = forms.CharField(
        label=_("Dose levels"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("As the study lists them, one a line, lowest first."),
    )  # fmt: skip

    class Meta:
        model = Study
        fields = ("code", "title", "title_zh", "protocol_id", "target_number", "blinded_dose")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["levels"] = "\n".join(self.instance.dose_levels)
            chosen: Any = self.fields["protocol_id"]
            chosen.choices = _choices(versions_to_go_on_to(self.initial["protocol_id"]))

    @property
    def moves_on(self) -> bool:
        """Whether a study that exists goes on to another version."""
        return bool(self.instance.pk) and "protocol_id" in self.changed_data

    def save(self, commit: bool = True) -> Study:  # noqa: FBT001, FBT002 - Django's own signature
        """Keep the lines as a list."""
        lines = (line.strip() for line in self.cleaned_data["levels"].splitlines())
        self.instance.dose_levels = [line for line in lines if line]
        study: Study = super().save(commit)
        return study


def _choices(protocols: Iterable[Protocol]) -> list[tuple[str, str]]:
    return [(each.name, f"{each.name}: {rules_words(each.version, each.hash)}") for each in protocols]


@admin.register(Study)
class StudyAdmin(Reasoned, SetUpAdmin):
    """Trials."""

    form = StudyForm
    list_display = ("code", "title", "protocol_id", "target_number")

    fields = ("code", "title", "title_zh", "protocol_id", "target_number", "levels", "blinded_dose")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's own signature
        """Save; another version is adopted by the service, which writes the reason down."""
        chosen = obj.protocol_id
        if change:
            obj.protocol_id = form.initial["protocol_id"]
        super().save_model(request, obj, form, change)
        if change and form.moves_on:
            reason, by = form.cleaned_data["reason"], staff(request)
            versions.adopt(study=obj, protocol_id=chosen, reason=reason, by=by, now=timezone.now())
            obj.protocol_id = chosen


@admin.register(Assignment)
class AssignmentAdmin(SetUpAdmin):
    """Who works in which role, where, and from when until when; each grant and each change says why."""

    form = GrantForm
    list_display = ("user", "role", "study", "site", "valid_from", "valid_until")
    list_filter = ("role", "study", "site")
    autocomplete_fields = ("user",)
    fields = ("user", "study", "site", "role", "valid_from", "valid_until", "reason")

    class Media:
        """What names the list of people."""

        js = ("tracker/named.js",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A person is picked by typing."""
        if db_field.name == "user":
            options["widget"] = PersonPicker(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)


admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, SetUpAdmin):
    """People who sign in; what they may do is said by their assignments."""

    form = RightsForm
    add_form = UserCreationForm
    change_password_form = GivePasswordForm
    list_display = ("username", "first_name", "last_name", "email", "refused", "is_active")
    actions = ("trust_address", "end_sessions")
    readonly_fields = ("refused", "codes", "whose_password")
    list_filter = ("is_active", "is_superuser")
    filter_horizontal = ()
    add_fieldsets = (
        (
            None,
            {
                "fields": ("username", "usable_password", "password1", "password2"),
                "description": _("Whoever is given a password chooses another one when she first signs in."),
            },
        ),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (_("May sign in"), {"fields": ("is_staff",)}),
    )
    fieldsets = (
        (None, {"fields": ("username", "password", "whose_password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "refused", "language")}),
        (_("May sign in"), {"fields": ("is_active", "is_staff", "is_superuser", "reason")}),
        (_("One-time codes"), {"fields": ("codes",)}),
    )

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Keep it; whoever may not sign in any more is signed out at once, and a first password is a given one."""
        super().save_model(request, obj, form, change)
        if isinstance(obj, User) and not change:
            new_passwords.given(user=obj, now=timezone.now())
        if isinstance(obj, User) and not obj.is_active:
            sign_ins.end_all(user=obj, why=SignInEnd.DEACTIVATED, by=staff(request), now=timezone.now())

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's
        """Give somebody else a password; one's own is changed where the old one is asked for."""
        if str(staff(request).pk) == id:
            return HttpResponseRedirect(reverse("admin:password_change"))
        shown: HttpResponse = super().user_change_password(request, id, form_url)
        return shown

    @display(description=_("Chosen by"))
    def whose_password(self, row: User) -> str:
        """Who chose the password, and so knows it."""
        return str(
            _("somebody else: only a new one can be chosen with it") if row.must_choose_password else _("its owner")
        )

    @display(description=_("Refused by the mail server"))
    def refused(self, row: User) -> str:
        """Since when, and with which number, while the person still has that address."""
        if not row.is_unreachable or row.address_refused_at is None:
            return "–"
        return f"{row.address_refused_at:%Y-%m-%d %H:%M} UTC ({row.address_refused_code})"

    def get_urls(self) -> list[URLPattern]:
        """Resetting somebody's one-time codes comes before Django's pages."""
        reset = self.admin_site.admin_view(ResetCodes.as_view())
        return [path("<int:pk>/codes/reset/", reset, name="tracker_codes_reset"), *super().get_urls()]

    @display(description=_("One-time codes"))
    def codes(self, row: User) -> str:
        """Whether they are on, and where a lost device is reset."""
        if not has_codes(row):
            return str(_("off"))
        url = reverse("admin:tracker_codes_reset", args=[row.pk])
        return format_html('{} · <a class="dm-link" href="{}">{}</a>', _("on"), url, _("Device lost: reset…"))

    @admin.action(description=_("The address is right: write to it again"))
    def trust_address(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Forget that a mail server refused the addresses of the chosen people."""
        silent = [each for each in chosen if each.is_unreachable]
        for each in silent:
            addresses.confirm(each)
        said = ngettext(
            "%(count)d address is written to again.", "%(count)d addresses are written to again.", len(silent)
        )
        self.message_user(request, said % {"count": len(silent)})

    @admin.action(description=_("End every session of these people"))
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Sign the chosen people out wherever they are signed in."""
        now, by = timezone.now(), staff(request)
        count = sum(sign_ins.end_all(user=each, why=SignInEnd.BY_SUPERUSER, by=by, now=now) for each in chosen)
        said = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count)
        self.message_user(request, said % {"count": count})
