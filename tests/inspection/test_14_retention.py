"""Row 14: nothing is deleted, by no page and no cascade; a study is archived whole, and holds when it is read back."""

import json
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db.models import CASCADE, PROTECT
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tests.builders import House, a_house, a_participant
from tests.tracker.audit.everything import one_of_everything
from tracker.models import AuditSeal, Study, User

OURS = [model for model in apps.get_app_config("tracker").get_models() if model.__module__.startswith("tracker.")]


def test_no_relation_of_ours_deletes_what_hangs_on_it() -> None:
    relations = [field for model in OURS for field in model._meta.concrete_fields if field.is_relation]
    assert relations
    assert [str(field) for field in relations if getattr(field.remote_field, "on_delete", None) is not PROTECT] == []
    assert CASCADE is not PROTECT


def test_no_page_deletes_a_row(rf: RequestFactory, db: None) -> None:
    request = rf.get("/")
    request.user = User.objects.create_superuser("root", "root@site.example", None)
    for model, own in admin.site._registry.items():
        if model in OURS:
            assert not own.has_delete_permission(request), model
            assert "delete_selected" not in own.get_actions(request), model


def test_no_address_of_our_own_is_called_delete() -> None:
    def names(patterns: list[URLPattern | URLResolver]) -> list[str]:
        return [
            name
            for each in patterns
            for name in (names(each.url_patterns) if isinstance(each, URLResolver) else [each.name or ""])
        ]

    ours = [name for name in names(get_resolver().url_patterns) if "delete" in name]
    # Django routes these for every model; the test above says that nobody has the permission.
    assert all(name.endswith("_delete") and name.startswith(("tracker_", "axes_")) for name in ours)


@pytest.fixture
def archive(house: House, tmp_path: Path) -> Path:
    """A study with two sites and their people, archived beside another study of the same database."""
    one_of_everything(house)
    a_participant(a_house("SHB", study=house.study), "SHB-001")
    other = Study.objects.create(code="OTHER", title="Another", protocol_id="relma-cel-ssc", target_number=3)
    a_participant(a_house("OTH", study=other), "OTH-001")
    call_command("archive_study", house.study.code, tmp_path / "study.zip", stdout=StringIO())
    return tmp_path / "study.zip"


def test_an_archive_has_the_whole_study_and_nothing_of_another(archive: Path) -> None:
    with ZipFile(archive) as file:
        names, copy = file.namelist(), json.loads(file.read("copy.json"))
    assert {"RJ-001.html", "SHB-001.html", "heads.jsonl"} <= set(names)
    assert "OTH-001" not in json.dumps(copy)
    assert len(copy["trail"]) == AuditSeal.objects.count()


def test_read_back_it_passes_the_chain_from_the_first_seal_to_the_last(archive: Path) -> None:
    out = StringIO()
    call_command("compare_archive", archive, stdout=out)
    assert "read back equal" in out.getvalue()


def test_an_archive_with_a_seal_cut_out_is_found(archive: Path, tmp_path: Path) -> None:
    with ZipFile(archive) as file:
        copy = json.loads(file.read("copy.json"))
    del copy["trail"][20]
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(copy), encoding="utf-8")
    with pytest.raises(CommandError, match="seal 21 is missing"):
        call_command("compare_archive", forged, stderr=StringIO())


def test_an_archived_page_that_was_changed_is_found(archive: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    with ZipFile(archive) as file, ZipFile(forged, "w") as out:
        for name in file.namelist():
            out.writestr(name, file.read(name) + (b" " if name == "RJ-001.html" else b""))
    with pytest.raises(CommandError, match=r"RJ-001.html is not what its digest says"):
        call_command("compare_archive", forged, stderr=StringIO())
