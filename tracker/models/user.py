"""The people who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """The languages in which staff read; the codes are Django's."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class User(AbstractUser):
    """A member of staff; what they may do is said by their assignments, not by groups."""

    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH,
        help_text=_("The language of the messages this person receives."),
    )  # fmt: skip

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]
