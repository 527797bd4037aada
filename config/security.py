"""What a browser may load, and what a stolen or guessed password may do."""

from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

# Alpine, which Unfold ships, evaluates expressions and sets inline styles; no inline script is allowed.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Axes comes first, so that a locked account is refused before its password is even compared.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Failures are forgotten once somebody is in, which with one-time codes is not after the password.
AXES_RESET_ON_SUCCESS = False
AXES_CLIENT_IP_CALLABLE = "tracker.door.address.client_address"
AXES_USERNAME_CALLABLE = "tracker.door.failures.name_tried"
AXES_LOCKOUT_TEMPLATE = "tracker/locked_out.html"
# The admin's own pages show the attempts that count; axes' pages tell anybody on the staff which rows there are.
AXES_ENABLE_ADMIN = False
# One person at one desk: a stranger elsewhere cannot lock a nurse out by guessing at her name.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# A step is signed on the page on which its reason is written: with a failed attempt only the attempt is kept.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "reason", "detail", "code"]


def transport_settings(*, https: bool, behind_proxy: bool) -> dict[str, Any]:
    """The settings that hold when the site is reached over https, and how a proxy in front says that it is."""
    settings: dict[str, Any] = {
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "LANGUAGE_COOKIE_SECURE": https,
        "SECURE_SSL_REDIRECT": https,
        # Health checks and the collector of metrics speak plain http from inside.
        "SECURE_REDIRECT_EXEMPT": [r"^(livez|readyz|metrics)$"],
        "SECURE_HSTS_SECONDS": 31_536_000 if https else 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": https,
    }
    if behind_proxy:
        settings["SECURE_PROXY_SSL_HEADER"] = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings
