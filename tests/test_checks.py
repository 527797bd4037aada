"""The start-up checks: what stops Daymark, and what it only warns of."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from tracker import checks
from workflow import loading


def test_an_installation_as_shipped_has_no_error() -> None:
    assert [message for message in run_checks() if message.is_serious()] == []


def test_every_mistake_in_a_shipped_protocol_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("id: broken\nid: twice\nrulez: []\n", encoding="utf-8")
    monkeypatch.setattr(loading, "PROTOCOLS", tmp_path)
    loading.shipped_protocol.cache_clear()
    errors = checks.check_protocols()
    assert {error.id for error in errors} == {"tracker.E001"}
    assert any("line 2" in str(error.msg) for error in errors)
    assert any("rulez" in str(error.msg) for error in errors)
    assert all("check_protocol" in str(error.hint) for error in errors)


def test_a_clock_that_is_not_utc_stops_the_start(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    assert [error.id for error in checks.check_time_zone()] == ["tracker.E002"]


def test_a_site_without_a_mail_server_is_warned_unless_it_is_a_demo(settings: Settings) -> None:
    settings.MAIL_CONFIGURED = False
    settings.DEMO = False
    assert [warning.id for warning in checks.check_mail()] == ["tracker.W001"]
    settings.DEMO = True
    assert checks.check_mail() == []


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("https://daymark.example.org", False),
        ("http://127.0.0.1:8000", False),
        ("http://daymark.example.org", True),
    ],
)
def test_plain_http_is_for_this_machine_only(settings: Settings, address: str, warned: bool) -> None:
    settings.SITE_URL = address
    assert bool(checks.check_site_address()) is warned
