"""The documents are true: what they name exists, and what exists is named."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.catalogue import entries
from workflow.loading import json_schema

ROOT = Path(__file__).parent.parent
FORMAT = (ROOT / "docs" / "protocol-format.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _keys_of_the_protocol_file() -> set[str]:
    schema = json_schema()
    models = [schema, *schema["$defs"].values()]
    spelled_by_the_loader = {"id", "code", "condition", "gate"}
    return {key for model in models for key in model.get("properties", {})} - spelled_by_the_loader


@pytest.mark.parametrize("key", sorted(_keys_of_the_protocol_file()))
def test_every_key_of_the_protocol_file_is_documented(key: str) -> None:
    assert re.search(rf"\b{re.escape(key)}\b", FORMAT), f"docs/protocol-format.md does not mention {key}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if not (document.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", document.read_text(encoding="utf-8")))
    assert named <= set(get_commands())


def test_every_label_that_the_first_walk_names_is_on_a_page_in_both_languages() -> None:
    text = (ROOT / "docs" / "first-infusion.md").read_text(encoding="utf-8")
    words = entries(ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
    said = {re.sub(r"%\(\w+\)s", "…", entry.msgid): entry.said[0] for entry in words}
    named = set(re.findall(r"\*\*([^*]+)\*\*", text))
    assert len(named) > 10
    assert {label for label in named if not said.get(label)} == set()


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target for path in DOCUMENTS for target in re.findall(r"`?make ([a-z]+)\b(?=`|\s+#)", path.read_text("utf-8"))
    }
    assert named
    assert named <= targets


def test_every_decision_says_what_was_rejected() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert len(decisions) >= 5
    assert [path.name for path in decisions if "Rejected" not in path.read_text(encoding="utf-8")] == []
