"""The people who sign in."""

from datetime import time

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """The languages in which staff read; the codes are Django's."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


DIGEST_AT = time(7, 30)
"""When the digest comes, before a person has chosen a time."""


class User(AbstractUser):
    """A member of staff; what they may do is said by their assignments, not by groups.

    `quiet_from` (included) and `quiet_until` (not included) are times of day on the clock of the site that a message
    is about; they may cross midnight. None: no quiet hours. `digest_at` is a time on the clock of the person's own
    site.
    """

    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH,
        help_text=_("The language of the messages this person receives."),
    )  # fmt: skip

    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_at = models.TimeField(_("digest at"), default=DIGEST_AT)

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]
        constraints = (
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
                name="quiet_hours_have_a_start_and_another_end",
            ),
        )
