"""Sites: the hospitals where participants are treated, each with its own clock."""

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def validate_timezone(name: str) -> None:
    """Accept IANA zone names only. Raises ValidationError that names the value and an example."""
    if name not in available_timezones():
        raise ValidationError(
            _("“%(zone)s” is not a time zone: expected an IANA name such as Asia/Shanghai."),
            code="unknown_timezone", params={"zone": name},
        )  # fmt: skip


class Site(models.Model):
    """One hospital. All times shown to its staff, and all calendar days, are counted in its zone."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    timezone = models.CharField(
        _("time zone"), max_length=64, validators=[validate_timezone],
        help_text=_("IANA name, for example Asia/Shanghai."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("code",)
        constraints = (models.CheckConstraint(condition=~models.Q(timezone=""), name="site_has_a_time_zone"),)

    def __str__(self) -> str:
        return self.name_in(get_language() or "en")

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    def name_in(self, language: str) -> str:
        """The name in the reader's language, where it is known."""
        return (language.startswith("zh") and self.name_zh) or self.name
