"""Passwords: whoever gets another one is signed out wherever the old one was typed."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from unfold.forms import AdminOwnPasswordChangeForm, AdminPasswordChangeForm

from tracker.admin.pages import staff
from tracker.door import failures, presence
from tracker.models import SignInEnd, User
from tracker.services import sign_ins


class ChangePassword(PasswordChangeView):
    """One's own password: every other session ends, the one in which the old password was just typed goes on.

    The old one is guessed here no more often than at the door: failures count together.
    """

    form_class = AdminOwnPasswordChangeForm
    success_url = reverse_lazy("admin:password_change_done")

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
        answer = super().form_valid(form)
        here, by = presence.number_of(self.request), form.user
        sign_ins.end_all(user=by, why=SignInEnd.PASSWORD, by=by, now=timezone.now(), but=here)
        return answer

    def _out(self) -> HttpResponse:
        """Axes' middleware puts its own page in the place of this answer."""
        logout(self.request)
        return HttpResponse(status=429)


class GivePasswordForm(AdminPasswordChangeForm):
    """Another person's password, given by a superuser: all her sessions end."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's own signature
        """Keep it, and end her sessions."""
        user: User = super().save(commit)
        sign_ins.end_all(user=user, why=SignInEnd.PASSWORD, by=None, now=timezone.now())
        return user
