"""Django's settings. Everything that differs between machines comes from the environment (docs/operations.md)."""

from django.utils.translation import gettext_lazy as _

from config.cache import caches_for
from config.celery import BROKER_URL
from config.database import database
from config.environment import BASE_DIR, env, host_of
from config.logs import configure_structlog, log_level, logging_options
from config.mail import mail_settings
from config.secret_key import secret_key
from config.security import (
    AUTH_PASSWORD_VALIDATORS,
    AUTHENTICATION_BACKENDS,
    AXES_CLIENT_IP_CALLABLE,
    AXES_COOLOFF_TIME,
    AXES_ENABLE_ADMIN,
    AXES_FAILURE_LIMIT,
    AXES_LOCKOUT_PARAMETERS,
    AXES_LOCKOUT_TEMPLATE,
    AXES_RESET_ON_SUCCESS,
    AXES_SENSITIVE_PARAMETERS,
    AXES_USERNAME_CALLABLE,
    CONTENT_SECURITY_POLICY,
    PASSWORD_HASHERS,
    transport_settings,
)
from config.unfold import UNFOLD

__all__ = [
    "AUTHENTICATION_BACKENDS",
    "AUTH_PASSWORD_VALIDATORS",
    "AXES_CLIENT_IP_CALLABLE",
    "AXES_COOLOFF_TIME",
    "AXES_ENABLE_ADMIN",
    "AXES_FAILURE_LIMIT",
    "AXES_LOCKOUT_PARAMETERS",
    "AXES_LOCKOUT_TEMPLATE",
    "AXES_RESET_ON_SUCCESS",
    "AXES_SENSITIVE_PARAMETERS",
    "AXES_USERNAME_CALLABLE",
    "BROKER_URL",
    "CONTENT_SECURITY_POLICY",
    "PASSWORD_HASHERS",
    "UNFOLD",
]

LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
VAR_DIR = BASE_DIR / "var"

DEBUG = env.flag("DAYMARK_DEBUG")
DEMO = env.flag("DAYMARK_DEMO")
# Whoever signs needs a second device; those who try the demo shall not have to find theirs first.
CODES_ARE_FORCED = not DEMO
SECRET_KEY_IS_SET = bool(env.text("DAYMARK_SECRET_KEY"))
SECRET_KEY = secret_key(env, VAR_DIR / "secret_key")
METRICS_TOKEN = env.text("DAYMARK_METRICS_TOKEN")
AUDIT_HEADS = env.text("DAYMARK_AUDIT_HEADS", str(VAR_DIR / "audit-heads.jsonl"))
SITE_URL = env.http_url("DAYMARK_SITE_URL", default="http://127.0.0.1:8000")
BEHIND_PROXY = env.flag("DAYMARK_BEHIND_PROXY")
# At most as long as a session lasts at all.
IDLE_MINUTES = env.number("DAYMARK_IDLE_MINUTES", 30, at_most=12 * 60)
ALLOWED_HOSTS = [*env.words("DAYMARK_ALLOWED_HOSTS", default=LOCAL_HOSTS), host_of(SITE_URL)]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    # Before ours, which takes their pages, full of secrets, out of the admin.
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    # Before Unfold: our frame of the admin's pages stands in front of Unfold's.
    "tracker",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "config.requests.number_requests",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.door.questions.refuse_nul",
    "tracker.door.questions.ask_zones_once",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tracker.door.limits.limit_knocking",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "tracker.views.languages.speak_her_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tracker.door.presence.keep_time",
    "tracker.door.doors.lead_to_the_door",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tracker.audit.middleware.name_the_actor",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

ROOT_URLCONF = "config.urls"

DATABASES = {"default": database(env, default_url="sqlite:///var/daymark.sqlite3")}
CACHES = caches_for(BROKER_URL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "tracker.User"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# A ward's shift and its hand-over.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# No script reads it: pages carry the token themselves.
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# The link under which somebody chooses a new password.
PASSWORD_RESET_TIMEOUT = 60 * 60
# Whether the whole domain is https for good, for browsers that never saw it, is for its owner to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The pages show site time; what is stored and compared is UTC, and a system check holds it there.
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = env.one_of("DAYMARK_LANGUAGE", ("en", "zh-hans"), default="en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOGGING = logging_options(as_json=not DEBUG, level=log_level(env))
configure_structlog()

# Whole groups that come or go together are computed beside what they are about.
_MAIL = mail_settings(env)
MAIL_CONFIGURED: bool = _MAIL["MAIL_CONFIGURED"]
globals().update(_MAIL)
globals().update(transport_settings(https=SITE_URL.startswith("https://"), behind_proxy=BEHIND_PROXY))

# Last, when everything has been read: tracker.deployment makes errors and warnings of them.
MISREAD_VARIABLES = tuple(env.faults)
UNREAD_VARIABLES = tuple(env.unread())
