"""Passwords: whoever gets another one is signed out wherever the old one was typed."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.forms import AdminOwnPasswordChangeForm, AdminPasswordChangeForm

from tracker.admin.own_pages import wanted_page
from tracker.admin.pages import staff
from tracker.door import failures, presence
from tracker.models import User
from tracker.services import new_passwords


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """One's own password. Whoever was given the one she has is told why she chooses another, and has to."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.user.must_choose_password:
            self.fields["old_password"].help_text = _(
                "Whoever gave you this password knows it. Choose one that nobody else knows: it is your signature."
            )

    def clean(self) -> dict[str, Any]:
        """Refuse the password that was given."""
        cleaned: dict[str, Any] = super().clean()
        chosen = cleaned.get("new_password1")
        if chosen and self.user.must_choose_password and self.user.check_password(chosen):
            self.add_error("new_password1", _("This is the password that you were given. Choose another one."))
        return cleaned


class ChangePassword(PasswordChangeView):
    """One's own password: every other session ends, the one in which the old password was just typed goes on.

    The old one is guessed here no more often than at the door: failures count together.
    """

    form_class = OwnPasswordForm
    success_url: Any = reverse_lazy("admin:password_change_done")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """With the admin's frame."""
        return {**super().get_context_data(**more), **admin.site.each_context(self.request)}

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Change it, unless nobody may try with this name now."""
        if failures.is_locked_out(request, staff(request)):
            return self._out()
        return super().post(request, *args, **options)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Count a wrong old password; a new one that is not taken is no failure."""
        if form.has_error("old_password", "password_incorrect") and failures.count_failure(self.request, form.user):
            return self._out()
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it, and end the other sessions."""
        if form.user.must_choose_password:
            self.success_url = wanted_page(self.request)
            messages.success(self.request, _("From now on only you know your password."))
        with transaction.atomic():
            answer = super().form_valid(form)
            new_passwords.chosen(user=form.user, now=timezone.now(), but=presence.number_of(self.request))
        return answer

    def _out(self) -> HttpResponse:
        """Axes' middleware puts its own page in the place of this answer."""
        logout(self.request)
        return HttpResponse(status=429)


class GivePasswordForm(AdminPasswordChangeForm):
    """Another person's password, given by a superuser: all her sessions end, and she chooses her own at the next."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's own signature
        """Keep it as a given one."""
        with transaction.atomic():
            user: User = super().save(commit)
            new_passwords.given(user=user, now=timezone.now())
        return user
