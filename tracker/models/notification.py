"""Notifications: one message to one person; a row before it is an e-mail."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.alert import Alert
from tracker.models.site import Site


class NotificationStatus(models.TextChoices):
    """Where a message stands."""

    PENDING = "pending", _("pending")
    HELD = "held", _("held during quiet hours")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    NOT_SENT_NO_MAIL_SERVER = "not_sent_no_mail_server", _("not sent: no mail server")
    WITHDRAWN = "withdrawn", _("withdrawn before it was sent")
    FAILED = "failed", _("not sent yet: the mail server refused it, it will be tried again")
    ADDRESS_REFUSED = "address_refused", _("refused: address")
    SUPPRESSED = "suppressed", _("suppressed: this address was refused before")


class NotificationKind(models.TextChoices):
    """Why somebody is written to."""

    FIRST = "first", _("reminder")
    ESCALATED = "escalated", _("escalation")
    RENEWED = "renewed", _("reminder told anew")
    WITHDRAWN = "withdrawn", _("withdrawal of a reminder")
    DIGEST = "digest", _("daily digest")
    ACCOUNT = "account", _("about your account")
    PASSWORD_RESET = "password_reset", _("a new password")


UNSENT = (NotificationStatus.PENDING, NotificationStatus.FAILED, NotificationStatus.NOT_SENT_NO_MAIL_SERVER)
"""What waits to be sent as soon as it can be."""

UNSEEN = (*UNSENT, NotificationStatus.HELD)
"""What can be withdrawn without anybody having seen it."""

CAN_BE_SENT_AGAIN = (
    NotificationStatus.FAILED,
    NotificationStatus.ADDRESS_REFUSED,
    NotificationStatus.SUPPRESSED,
)
"""What did not arrive, so that somebody may ask for another attempt."""

UNREACHED = (NotificationStatus.ADDRESS_REFUSED, NotificationStatus.SUPPRESSED)
"""What its reader will never get at the address she has."""

ABOUT_THE_ACCOUNT = (NotificationKind.ACCOUNT, NotificationKind.PASSWORD_RESET)
"""What a person is told of her own account: about no participant, no site and no day."""

_IS_DIGEST = models.Q(kind="digest", alert=None, digest_for__isnull=False, site__isnull=False)
_IS_ABOUT_THE_ACCOUNT = models.Q(
    kind__in=("account", "password_reset"), alert=None, digest_for=None, site=None, held_until=None
)
_IS_ABOUT_AN_ALERT = ~models.Q(kind__in=("digest", "account", "password_reset")) & models.Q(
    alert__isnull=False, digest_for=None, site=None
)


class Notification(models.Model):
    """One message, written in full when it is queued, so that everybody can read exactly what goes out.

    While it is `sending`, `lease_until` says until when one process has it; a lease that ran out is free again.
    `fault` says what is wrong with the site's set-up, where the message goes to somebody else than intended;
    `instead_of` is the one who is away, where it goes to her deputy.
    `attempts` counts every time it was tried, `refusals` how often the server refused the message itself.

    While it is `held`, it waits for the reader's digest, and goes out by itself at `held_until`, should none have
    brought it; `digest` is the one that brings it. A digest itself is about no alert: it is the reader's for the day
    `digest_for`, on the clock of `site`. `round` is the alert's own when the message was written.

    What is about the reader's own account is about neither. The address under which she chooses a new password is a
    secret: it stands in the mail alone, and is made when that is sent.
    """

    alert = models.ForeignKey(
        Alert, verbose_name=_("alert"), on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recipient"), on_delete=models.PROTECT, related_name="notifications"
    )
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("in place of"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    role = models.CharField(_("told as"), max_length=20)
    kind = models.CharField(_("kind"), max_length=20, choices=NotificationKind)
    round = models.PositiveIntegerField(_("round"), default=0)
    digest_for = models.DateField(_("digest for"), null=True, blank=True)
    site = models.ForeignKey(
        Site, verbose_name=_("site"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=300)
    text_body = models.TextField(_("text"))
    html_body = models.TextField(_("HTML"))
    message_id = models.CharField(_("message id"), max_length=200, unique=True)
    status = models.CharField(
        _("status"), max_length=30, choices=NotificationStatus, default=NotificationStatus.PENDING
    )
    created_at = models.DateTimeField(_("queued at"))
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    digest = models.ForeignKey(
        "self", verbose_name=_("brought by"), on_delete=models.PROTECT, null=True, blank=True, related_name="brings"
    )
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    refusals = models.PositiveIntegerField(_("refusals"), default=0)
    next_try_at = models.DateTimeField(_("next try at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    fault = models.CharField(_("fault of the set-up"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-created_at", "-pk")
        indexes = (
            # The delivery, which asks every few seconds what may be tried, and the age of what waits for /metrics.
            models.Index(
                fields=("next_try_at", "id"), name="notification_waiting",
                condition=models.Q(status__in=("pending", "sending", "not_sent_no_mail_server", "failed", "held")),
            ),
        )  # fmt: skip
        constraints = (
            models.UniqueConstraint(
                fields=("alert", "recipient", "kind", "round"), name="one_message_of_a_kind_to_each_person_for_an_alert"
            ),
            models.UniqueConstraint(
                fields=("recipient", "digest_for"), condition=models.Q(kind="digest"),
                name="one_digest_a_day_for_each_person",
            ),
            models.CheckConstraint(
                condition=_IS_DIGEST | _IS_ABOUT_AN_ALERT | _IS_ABOUT_THE_ACCOUNT,
                name="message_is_about_an_alert_a_day_or_the_account",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="held") | models.Q(held_until__isnull=False), name="held_says_until_when"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=NotificationStatus.values), name="notification_status_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(sent_at__isnull=False), name="sent_says_when"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.subject
