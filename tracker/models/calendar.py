"""Calendars: the secret address at which a person's own program asks, and what was published there so far."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.participant import Participant


class CalendarKey(models.Model):
    """Leave to read one person's calendar without signing in; ended by her, and never written down but as a digest."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="calendar_keys"
    )
    digest = models.CharField(_("digest of the key"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))
    revoked_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(revoked_at=None), name="one_calendar_address_for_each_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.made_at:%Y-%m-%d}"


class CalendarEntry(models.Model):
    """One thing as it was last published: to every calendar the same, under a `uid` that never changes.

    `source` is what it comes from: a deadline, or a plan. `roles` are those that are told of it. `sequence` rises when
    `starts_at`, `all_day` or `cancelled` changes, and never falls; `changed_at` is when it last rose. `starts_at` is
    whole seconds; with `all_day` it is the beginning of a day at the site.
    """

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="calendar_entries"
    )
    source = models.CharField(_("comes from"), max_length=60, unique=True)
    uid = models.UUIDField(_("number"), default=uuid4, unique=True, editable=False)
    roles = models.JSONField(_("roles"), default=list)
    starts_at = models.DateTimeField(_("from"))
    all_day = models.BooleanField(_("the whole day"), default=False)
    cancelled = models.BooleanField(_("cancelled"), default=False)
    sequence = models.PositiveIntegerField(_("revision"), default=0)
    changed_at = models.DateTimeField(_("last changed at"))

    class Meta:
        verbose_name = _("calendar entry")
        verbose_name_plural = _("calendar entries")
        ordering = ("starts_at", "pk")

    def __str__(self) -> str:
        return f"{self.uid} {self.sequence}"
