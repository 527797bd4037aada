"""What answers machines: the document says what the program does, and no JSON is missing from it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.live_server_helper import LiveServer
from ruamel.yaml import YAML
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.environment import BASE_DIR
from tests.builders import a_house
from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.two_sites import NOW, shanghai
from tracker.models import User

PATH = BASE_DIR / "docs/openapi.yaml"
DOCUMENT: dict[str, Any] = YAML(typ="safe", pure=True).load(PATH.read_text(encoding="utf-8"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip

schema = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture
def signed_in(transactional_db: None) -> dict[str, str]:
    """The cookies of somebody who may ask everything."""
    a_house()
    client = Client()
    client.force_login(
        User.objects.create_superuser("root", "root@site.example", None),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    token = client.get(reverse("admin:tracker_presence")).json()["X-CSRFToken"]
    return {**{name: morsel.value for name, morsel in client.cookies.items()}, "X-CSRFToken": token}


def needs_session(case: schemathesis.Case[Any]) -> bool:
    return "session" in {name for each in case.operation.definition.raw.get("security", []) for name in each}


@schema.parametrize()
@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("inside", [True, False], ids=["signed in", "outside"])
def test_the_document_says_what_the_program_does(
    case: schemathesis.Case[Any], live_server: LiveServer, signed_in: dict[str, str], inside: bool
) -> None:
    cookies = dict(signed_in) if inside and needs_session(case) else {}
    headers = {"X-CSRFToken": cookies.pop("X-CSRFToken")} if cookies else {}
    case.cookies.clear()
    answer = case.call(base_url=live_server.url, cookies=cookies, headers=headers, allow_redirects=False)
    case.validate_response(answer, checks=CHECKS)


def json_urls(client: Client) -> Iterator[str]:
    """Every address that answers JSON when it is asked or told something."""
    for address in every_address(shanghai()):
        if address.name in {"login", "logout"}:
            continue
        for answer in (client.get(address.url), client.post(address.url, {})):
            if answer.headers.get("Content-Type", "").startswith("application/json"):
                yield address.url


def test_no_json_is_missing_from_the_document(db: None) -> None:
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(
            User.objects.create_superuser("root", "root@site.example", None),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        found = set(json_urls(client))
        people = {"app_label": "tracker", "model_name": "assignment", "field_name": "user"}
        assert client.get(reverse("admin:autocomplete"), people).headers["Content-Type"] == "application/json"
    told = [re.compile(re.sub(r"\\{\w+\\}", r"\\w+", re.escape(path))) for path in DOCUMENT["paths"]]
    assert [url for url in found if not any(path.fullmatch(url) for path in told)] == []
    assert reverse("admin:tracker_presence") in found
