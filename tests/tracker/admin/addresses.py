"""Every address of the admin, found by asking the router, and filled with rows that exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver

from tests.tracker.admin.two_sites import ABSENT, Story
from tracker.models import Alert, Deviation, Notification, Participant

CONCEPTS = {"tracker_fact_add": "transfusion", "tracker_sample": "serum_hcg", "tracker_study_fact": "study_end"}
SET_UP = ("axes", "site", "study", "assignment", "user")
"""What superusers alone set up or look into: refused as a whole, whatever row is named."""

ONLY_READ = {
    *(f"tracker_{model}_change" for model in ("participant", "alert", "notification", "deviation")),
    *(
        f"tracker_{page}"
        for page in ("participant_audit", "participant_audit_export", "fact_history", "journal_export")
    ),
    *(f"tracker_{page}" for page in ("checklist", "checklist_decided", "summary")),
}
"""Pages that take no POST at all: 405 says so to everybody."""

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_OWN_KEY = {"pk", "object_id", "id"}


@dataclass(frozen=True, slots=True)
class Address:
    """One address. `absent` names a row that is nobody's instead; "" where the address names no row at all."""

    name: str
    url: str
    absent: str = ""
    set_up: bool = False


def every_address(story: Story) -> list[Address]:
    """Each address of the admin about the story's rows. Raises LookupError for one that nobody taught this walk."""
    return [address for route, name in _routes() for address in _filled(route, name, story)]


def rows(story: Story) -> list[Address]:
    """Those that name a row."""
    return [address for address in every_address(story) if address.absent]


def pages(story: Story) -> list[Address]:
    """Those that name none: lists, searches, forms, what is served to every page."""
    return [address for address in every_address(story) if not address.absent]


def _routes() -> Iterator[tuple[str, str]]:
    (admin,) = [
        each for each in get_resolver().url_patterns if isinstance(each, URLResolver) and each.app_name == "admin"
    ]
    return _under(admin.url_patterns)


def _under(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _under(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern), pattern.name or ""


def _filled(route: str, name: str, story: Story) -> Iterator[Address]:
    if "(?P<app_label>" in route:
        yield from (Address(f"{name}-{app}", f"/admin/{app}/") for app in ("tracker", "axes"))
    elif "(?P<url>" in route:
        yield Address("anything", "/admin/nothing/here")
    elif name == "view_on_site":
        yield from _views_on_site(story)
    elif "(?P" in route or "^" in route:
        raise LookupError(f"teach tests/tracker/admin/addresses.py to fill {route}")
    else:
        yield _one(route, name, story)


def _one(route: str, name: str, story: Story) -> Address:
    app, model, *_rest = [*route.split("/"), ""]
    set_up = app == "axes" or model in SET_UP
    if not _PARAMETER.search(route):
        return Address(name, f"/admin/{route}", set_up=set_up)
    there = _PARAMETER.sub(lambda found: _value(found[1], model, name, story), route)
    nowhere = _PARAMETER.sub(lambda found: _value(found[1], model, name, None), route)
    return Address(name or f"{model}_redirect", f"/admin/{there}", f"/admin/{nowhere}", set_up)


def _value(parameter: str, model: str, name: str, story: Story | None) -> str:
    if parameter == "concept":
        return CONCEPTS[name]
    if parameter == "step":
        return "lymphodepletion"
    if parameter in _OWN_KEY or parameter == model:
        return "1" if model.startswith("access") else str(story.row_of(model) if story else ABSENT)
    if parameter in {"user", "assignment", "absence", "duty"}:
        return str(story.row_of(parameter) if story else ABSENT)
    if parameter == "fact":
        fact = story and (story.study_hold if name.startswith("tracker_study") else story.fact)
        return str(fact.pk if fact else ABSENT)
    if parameter == "record":
        return str(story.participant.steps.standing().latest("pk").pk if story else ABSENT)
    if parameter in {"batch", "line"}:
        line = story and story.line
        return str((line.batch_id if parameter == "batch" else line.pk) if line else ABSENT)
    raise LookupError(f"teach tests/tracker/admin/addresses.py what <{parameter}> is in the address of {name}")


def _views_on_site(story: Story) -> Iterator[Address]:
    for row in (Participant, Alert, Notification, Deviation):
        kind = ContentType.objects.get_for_model(row)
        key = story.row_of(kind.model)
        yield Address(f"{kind.model}_on_site", f"/admin/r/{kind.pk}/{key}/", f"/admin/r/{kind.pk}/{ABSENT}/")
