"""Row 3: nobody switches the trail off: no setting, no environment variable, no permission, no forgotten table."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection
from django.db.models.signals import post_migrate

from tests.builders import House
from tracker.audit import triggers
from tracker.audit.tables import NOT_AUDITED, audited
from tracker.models import AuditEvent, Site, User

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted((ROOT / "tracker" / "audit").glob("*.py"))
WHERE_ONLY = {"AUDIT_HEADS"}
"""The one setting that the audit trail reads: where the heads are published, not whether."""


def test_every_table_of_ours_is_audited_but_the_trail_itself_and_the_clockwork() -> None:
    tables = {model._meta.db_table for model in apps.get_app_config("tracker").get_models(include_auto_created=True)}
    assert tables - {table.name for table in audited()} == set(NOT_AUDITED)
    clockwork = {"tracker_heartbeat", "tracker_lastseen"}
    assert set(NOT_AUDITED) == {"tracker_auditevent", "tracker_auditseal"} | clockwork


def test_no_model_with_data_of_a_study_lives_outside_the_audited_app() -> None:
    ours = {"tracker"}
    known = {"admin", "auth", "axes", "contenttypes", "sessions", "messages", "staticfiles", "humanize", "unfold"}
    others = {config.label for config in apps.get_app_configs() if list(config.get_models())} - ours - known
    assert {label for label in others if not label.startswith("otp")} <= set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_nothing_in_the_audit_trail_reads_a_setting_an_environment_or_a_permission(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "settings"
    }
    assert read <= WHERE_ONLY
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    words |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert words & {"environ", "getenv", "has_perm", "is_superuser", "is_staff"} == set()


def test_no_switch_is_read_where_the_trail_is_wired_in() -> None:
    wiring = (ROOT / "tracker" / "apps.py").read_text(encoding="utf-8")
    ready = ast.parse(wiring).body[-1]
    assert not [node for node in ast.walk(ready) if isinstance(node, ast.If)]
    assert "tracker.audit.middleware.name_the_actor" in settings.MIDDLEWARE
    names = re.findall(r"DAYMARK_\w+", (ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    assert {name for name in names if "AUDIT" in name} == {"DAYMARK_AUDIT_HEADS"}
    assert any(receiver for receiver in post_migrate.receivers)


def test_the_triggers_are_the_same_whatever_is_set(settings: object) -> None:
    def installed() -> list[str]:
        return list(triggers.dialect(connection).statements(audited()))

    before = installed()
    for name in ("DEBUG", "DEMO", "MAIL_CONFIGURED", "AUDIT_HEADS", "METRICS_TOKEN"):
        for value in (True, False, "", None):
            setattr(settings, name, value)
            setting_changed.send(sender=None, setting=name, value=value, enter=True)
            assert installed() == before


def test_a_superuser_is_written_down_like_everybody_else(house: House) -> None:
    before = AuditEvent.objects.count()
    User.objects.create_superuser("root", "root@site.example", None)
    Site.objects.update(name="Renji")
    assert AuditEvent.objects.count() == before + 2
