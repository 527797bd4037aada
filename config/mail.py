"""The mail server, if there is one: without it nothing is sent and the outbox says so."""

from typing import Any

from config.environment import Environment

_LONGEST_TIMEOUT_SECONDS = 60
_LAST_PORT = 65_535


def mail_settings(env: Environment) -> dict[str, Any]:
    """Django's mail settings, and MAIL_CONFIGURED: whether DAYMARK_EMAIL_HOST names a server."""
    host = env.text("DAYMARK_EMAIL_HOST")
    encryption = env.one_of("DAYMARK_EMAIL_ENCRYPTION", ("starttls", "tls", "none"), default="starttls")
    port = env.number("DAYMARK_EMAIL_PORT", 465 if encryption == "tls" else 587, at_most=_LAST_PORT)
    user, password = env.text("DAYMARK_EMAIL_USER"), env.text("DAYMARK_EMAIL_PASSWORD")
    sender = {
        "DEFAULT_FROM_EMAIL": env.text("DAYMARK_EMAIL_FROM", "daymark@localhost"),
        "EMAIL_TIMEOUT": env.number("DAYMARK_EMAIL_TIMEOUT", 10, at_most=_LONGEST_TIMEOUT_SECONDS),
    }
    if not host:
        # The dummy backend sends nowhere: silence must come from us, not from a refused connection.
        return {**sender, "MAIL_CONFIGURED": False, "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    return {
        **sender,
        "MAIL_CONFIGURED": True,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": password,
        "EMAIL_USE_TLS": encryption == "starttls",
        "EMAIL_USE_SSL": encryption == "tls",
    }
