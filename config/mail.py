"""The mail server, if there is one: without it nothing is sent and the outbox says so."""

from typing import Any

from config.environment import env, one_of


def mail_settings() -> dict[str, Any]:
    """Django's mail settings, and MAIL_CONFIGURED: whether DAYMARK_EMAIL_HOST names a server."""
    host: str = env.str("DAYMARK_EMAIL_HOST", default="")
    sender = {
        "DEFAULT_FROM_EMAIL": env.str("DAYMARK_EMAIL_FROM", default="daymark@localhost"),
        "EMAIL_TIMEOUT": env.int("DAYMARK_EMAIL_TIMEOUT", default=10),
    }
    if not host:
        # The dummy backend sends nowhere: silence must come from us, not from a refused connection.
        return {**sender, "MAIL_CONFIGURED": False, "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    encryption = one_of("DAYMARK_EMAIL_ENCRYPTION", ("starttls", "tls", "none"), default="starttls")
    return {
        **sender,
        "MAIL_CONFIGURED": True,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": env.int("DAYMARK_EMAIL_PORT", default=465 if encryption == "tls" else 587),
        "EMAIL_HOST_USER": env.str("DAYMARK_EMAIL_USER", default=""),
        "EMAIL_HOST_PASSWORD": env.str("DAYMARK_EMAIL_PASSWORD", default=""),
        "EMAIL_USE_TLS": encryption == "starttls",
        "EMAIL_USE_SSL": encryption == "tls",
    }
