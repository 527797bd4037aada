"""Sign-ins: where somebody is signed in, since when, and how that ended."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignInEnd(models.TextChoices):
    """Why somebody is signed in no more."""

    SIGNED_OUT = "signed_out", _("signed out")
    IDLE = "idle", _("nothing was done for too long")
    ANEW = "anew", _("signed in anew")
    BY_HERSELF = "by_herself", _("ended by the person from elsewhere")
    BY_SUPERUSER = "by_superuser", _("ended by a superuser")
    PASSWORD = "password", _("the password was changed")
    CODES = "codes", _("the one-time codes were reset")
    DEACTIVATED = "deactivated", _("the account was deactivated")
    NO_ROLE = "no_role", _("the last role ended")


class SignIn(models.Model):
    """One session of one person. The session itself knows the number of its row; no key of a session is kept here.

    `had_role` says that she had a role when she signed in: with the last one, the session ends.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.PROTECT, related_name="sign_ins"
    )
    device = models.CharField(_("device"), max_length=60, blank=True)
    began_at = models.DateTimeField(_("signed in at"))
    had_role = models.BooleanField(_("had a role"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_why = models.CharField(_("ended because"), max_length=20, choices=SignInEnd, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("ended by"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ("-began_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_why="")
                | models.Q(ended_at__isnull=False, ended_why__in=SignInEnd.values),
                name="sign_in_that_ended_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.began_at:%Y-%m-%d}"


class LastSeen(models.Model):
    """When somebody last did something in one of her sessions. No audit trail is written of it: it says no more."""

    sign_in = models.OneToOneField(
        SignIn, verbose_name=_("sign-in"), on_delete=models.PROTECT, related_name="last_seen"
    )
    at = models.DateTimeField(_("last seen at"))

    class Meta:
        verbose_name = _("last seen")
        verbose_name_plural = _("last seen")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
