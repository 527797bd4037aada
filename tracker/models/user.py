"""The people who sign in."""

from datetime import time
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.recorded_fact import AppendOnly


class Language(models.TextChoices):
    """The languages in which staff read; the codes are Django's."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


DIGEST_AT = time(7, 30)
"""When the digest comes, before a person has chosen a time."""


class PeopleQuerySet(models.QuerySet["User"]):
    """Staff: what somebody did stays hers, so that nobody is ever deleted."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnly("people are never deleted: deactivate them")


class People(UserManager["User"]):
    """Staff, and those of them whom no message reaches."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet["User"]:
        """Everybody."""
        return PeopleQuerySet(self.model, using=self._db)

    def unreachable(self) -> models.QuerySet["User"]:
        """Those who still have the address that a mail server refused."""
        return self.exclude(refused_address="").filter(refused_address=models.F("email"))


class User(AbstractUser):
    """A member of staff; what they may do is said by their assignments, not by groups.

    `quiet_from` (included) and `quiet_until` (not included) are times of day on the clock of the site that a message
    is about; they may cross midnight. None: no quiet hours. `digest_at` is a time on the clock of the person's own
    site; without `wants_digest` none comes.

    `refused_address` is the address that a mail server refused for good, with the number of its answer and when that
    was. It counts for as long as the person has that very address: correcting the address is all that is needed.

    `must_choose_password` says that somebody else chose her password and so knows it. It opens nothing but the page on
    which she chooses her own: a password is her signature, and nobody else's (21 CFR 11.100, 11.300).
    """

    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH,
        help_text=_("The language of this person’s pages and messages."),
    )  # fmt: skip

    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_at = models.TimeField(_("digest at"), default=DIGEST_AT)
    wants_digest = models.BooleanField(_("wants the digest"), default=True)
    refused_address = models.EmailField(_("refused address"), blank=True)
    address_refused_at = models.DateTimeField(_("address refused at"), null=True, blank=True)
    address_refused_code = models.CharField(_("answer of the mail server"), max_length=20, blank=True)

    must_choose_password = models.BooleanField(_("still has the password that was given"), default=False)

    objects: ClassVar[People] = People()

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
            models.CheckConstraint(
                condition=models.Q(refused_address="", address_refused_at=None)
                | ~models.Q(refused_address="") & models.Q(address_refused_at__isnull=False),
                name="refused_address_says_since_when",
            ),
        )

    @property
    def is_unreachable(self) -> bool:
        """Whether a mail server refused the address that this person has."""
        return bool(self.refused_address) and self.refused_address == self.email

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ARG002, FBT001, FBT002 - Django's own signature
        """Refused: what somebody did stays hers. She is deactivated."""
        raise AppendOnly(f"user {self.pk} is never deleted: deactivate the account")
