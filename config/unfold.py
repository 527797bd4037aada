"""How the admin looks: name, colours, what the sidebar offers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

# White on 600 reaches 5.4:1; the lighter brand tone 500 is for marks only.
PRIMARY = {
    "50": "#ecfeff",
    "100": "#cffafe",
    "200": "#a5f3fc",
    "300": "#67e8f9",
    "400": "#22d3ee",
    "500": "#0891b2",
    "600": "#0e7490",
    "700": "#155e75",
    "800": "#164e63",
    "900": "#083344",
    "950": "#042f3d",
}

# Unfold's, but for what is quiet: grey 500 is hard to read where the pointer is.
FONT = {
    "subtle-light": "#5b6472",
    "subtle-dark": "#9aa7b8",
    "default-light": "var(--color-base-600)",
    "default-dark": "var(--color-base-300)",
    "important-light": "var(--color-base-900)",
    "important-dark": "var(--color-base-100)",
}


def environment_badge(_request: HttpRequest) -> list[Any] | None:
    """The badge in every page's corner while invented participants are shown."""
    return [_("DEMO"), "danger"] if settings.DEMO else None


def stylesheet(_request: HttpRequest) -> str:
    """The address of our own stylesheet, asked for late so that its hashed name is known."""
    return static("tracker/daymark.css")


def watch_over_idling(_request: HttpRequest) -> str:
    """The address of the script that warns before a session ends."""
    return static("tracker/idle.js")


def is_superuser(request: HttpRequest) -> bool:
    """Whether the person sets up sites, studies and people."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


def favicon(_request: HttpRequest) -> str:
    """The address of the mark that a browser shows beside the page's title."""
    return static("tracker/favicon.svg")


def is_here(request: HttpRequest, link: Any) -> bool:
    """Whether the reader is in this place of the sidebar: of several whose addresses begin hers, the longest."""
    items = [item for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"]]
    around = [str(item["link"]) for item in items if request.path.startswith(str(item["link"]))]
    return max(around, key=len, default="") == str(link) and (
        str(link) != reverse("admin:index") or request.path == link
    )


def _item(title: Any, icon: str, url_name: str) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{url_name}")
    return {"title": title, "icon": icon, "link": link, "active": lambda request: is_here(request, link)}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Daymark",
    "SITE_HEADER": "Daymark",
    "SITE_SUBHEADER": _("Cell therapy trials"),
    "SITE_SYMBOL": "wb_twilight",
    # The admin is the whole product: there is no other site to return to.
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "config.unfold.environment_badge",
    "COLORS": {"primary": PRIMARY, "font": FONT},
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": favicon}],
    "STYLES": [stylesheet],
    "SCRIPTS": [watch_over_idling],
    "DASHBOARD_CALLBACK": "tracker.admin.today.today_context",
    "GLOBAL_CALLBACK": "tracker.admin.heartbeat.every_page",
    # Searches hold subject numbers: they are not kept in the browser.
    "COMMAND": {"show_history": False},
    "ACCOUNT": {
        "navigation": [
            {"title": _("How you are told"), "link": reverse_lazy("admin:tracker_preferences")},
            {"title": _("Your calendar"), "link": reverse_lazy("admin:tracker_calendar")},
            {"title": _("One-time codes"), "link": reverse_lazy("admin:tracker_codes")},
            {"title": _("Where you are signed in"), "link": reverse_lazy("admin:tracker_sessions")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ],
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Work"),
                "items": [
                    _item(_("Today"), "today", "index"),
                    _item(_("Participants"), "route", "tracker_participant_changelist"),
                    _item(_("Alerts"), "notifications_active", "tracker_alert_changelist"),
                    _item(_("Messages"), "outgoing_mail", "tracker_notification_changelist"),
                    _item(_("Who is there"), "event_busy", "tracker_cover"),
                    _item(_("Screening log"), "assignment_ind", "tracker_screening_log"),
                    _item(_("Deviations"), "report", "tracker_deviation_changelist"),
                    _item(_("Laboratories"), "biotech", "tracker_laboratories"),
                    {
                        **_item(_("Audit trail"), "history", "tracker_audit"),
                        "permission": "tracker.admin.trail_pages.oversees",
                    },
                ],
            },
            {
                "title": _("Set-up"),
                "separator": True,
                "items": [
                    {**_item(_("Sites"), "local_hospital", "tracker_site_changelist"), "permission": is_superuser},
                    {**_item(_("Studies"), "science", "tracker_study_changelist"), "permission": is_superuser},
                    {**_item(_("People"), "group", "tracker_user_changelist"), "permission": is_superuser},
                    {**_item(_("Assignments"), "badge", "tracker_assignment_changelist"), "permission": is_superuser},
                    {
                        **_item(_("Failed sign-ins"), "lock", "axes_accessattempt_changelist"),
                        "permission": is_superuser,
                    },
                ],
            },
        ],
    },
}
