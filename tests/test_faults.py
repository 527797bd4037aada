"""What goes wrong is logged by type and place, under the request's number, and shown on a page of our own."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from logging.config import dictConfig
from typing import Any, Never

import pytest
from celery import Celery
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from config.logs import logging_options
from config.urls import handler500
from config.urls import urlpatterns as real

CLINICAL = "hCG positive"


def fail(_request: HttpRequest) -> Never:
    """Fails as code does that meets a value it did not expect, with the value in the message and in its locals."""
    value = CLINICAL
    try:
        int(value)
    except ValueError as error:
        raise IntegrityError(f"DETAIL: Failing row contains (7, {value}).") from error
    raise AssertionError


def refuse(_request: HttpRequest) -> Never:
    raise PermissionDenied


def suspect(_request: HttpRequest) -> Never:
    raise SuspiciousOperation(CLINICAL)


def form(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


handler500 = handler500  # noqa: PLW0127 - Django looks for it in the module that holds the addresses
urlpatterns = [*real, path("fail", fail), path("refuse", refuse), path("suspect", suspect), path("form", form)]


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What production would write, instead of what pytest catches."""
    stream = StringIO()
    options = logging_options(as_json=True, level="INFO")
    options["handlers"]["stderr"]["stream"] = stream
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    dictConfig(options)
    yield stream
    root.handlers[:], root.level = before


@pytest.fixture
def reader() -> Iterator[Client]:
    """A browser that is shown what goes wrong as a person would see it."""
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


def entries(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_error_in_a_request_is_logged_by_type_and_place_without_its_words(reader: Client, log: StringIO) -> None:
    assert reader.get("/fail").status_code == 500
    assert "positive" not in log.getvalue()
    assert "Failing row" not in log.getvalue()
    (entry,) = [entry for entry in entries(log) if "exception" in entry]
    assert "django.db.utils.IntegrityError" in entry["exception"]
    assert "builtins.ValueError" in entry["exception"]
    assert "  tests/test_faults.py:" in entry["exception"]
    assert entry["event"] == "Internal Server Error: /fail"


def test_a_line_and_its_request_share_a_number_that_the_page_shows(reader: Client, log: StringIO) -> None:
    first, second = reader.get("/fail"), reader.get("/fail")
    logged = [entry["request_id"] for entry in entries(log) if "exception" in entry]
    assert logged == [first.headers["X-Request-ID"], second.headers["X-Request-ID"]]
    assert logged[0] != logged[1]
    assert logged[0] in first.content.decode()


def test_a_line_that_quotes_an_exception_names_its_type_instead(log: StringIO) -> None:
    error = ValueError(CLINICAL)
    # As Celery does: the exception stands in the line as well.
    logging.getLogger("celery.app.trace").error(
        "Task %(name)s raised unexpected: %(exc)s", {"name": "sweep", "exc": repr(error)}, exc_info=error
    )
    assert entries(log)[0]["event"] == "Task sweep raised unexpected: builtins.ValueError"
    assert CLINICAL not in log.getvalue()


def test_an_answer_is_logged_by_its_address_without_what_somebody_searched_for(reader: Client, log: StringIO) -> None:
    response = reader.get("/form?q=positive")
    (entry,) = entries(log)
    assert entry.items() >= {"event": "answered", "method": "GET", "path": "/form", "status": 200}.items()
    assert entry["request_id"] == response.headers["X-Request-ID"]
    assert "positive" not in log.getvalue()


def test_what_machines_ask_all_day_is_not_logged(reader: Client, log: StringIO) -> None:
    reader.get("/livez")
    assert entries(log) == []


def test_the_lines_of_a_task_share_its_number_and_those_after_it_have_none(log: StringIO) -> None:
    app = Celery("lines", set_as_current=False)
    logger = logging.getLogger("tracker.tasks")

    @app.task(name="note", shared=False)
    def note() -> None:
        logger.warning("during")

    done = note.apply()
    logger.warning("after")
    during, after = entries(log)
    assert (during["event"], during["task"], during["task_id"]) == ("during", "note", done.id)
    assert "task_id" not in after


def test_a_suspicious_request_is_logged_without_what_it_asked(reader: Client, log: StringIO) -> None:
    response = reader.get("/suspect")
    assert response.status_code == 400
    assert "This request cannot be answered" in response.content.decode()
    assert CLINICAL not in log.getvalue() + response.content.decode()


@pytest.mark.parametrize(
    ("address", "said", "said_zh"),
    [
        ("/fail", "Something went wrong here", "这里出了问题"),
        ("/refuse", "Your roles do not include this", "您的角色不包括此项操作"),
        ("/nowhere", "There is nothing here for you to see", "这里没有您可以查看的内容"),
        ("/suspect", "This request cannot be answered", "无法答复此请求"),
    ],
)
def test_what_goes_wrong_is_said_on_a_page_of_our_own(reader: Client, address: str, said: str, said_zh: str) -> None:
    html = reader.get(address).content.decode()
    assert f"<h1>{said}</h1>" in html
    assert "Traceback" not in html
    assert "test_faults" not in html
    assert said_zh in reader.get(address, headers={"accept-language": "zh-hans"}).content.decode()


def test_a_form_without_its_token_is_said_to_be_out_of_date() -> None:
    with override_settings(ROOT_URLCONF=__name__):
        response = Client(enforce_csrf_checks=True).post("/form")
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()
