"""The JSON Schema that editors get: it knows what ships, and sees mistakes of form while they are typed."""

from copy import deepcopy
from functools import cache
from inspect import getdoc
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.workflow.documents import shipped_text
from tests.workflow.json_schema import errors
from workflow.loading import json_schema
from workflow.rules.absence import Absence
from workflow.rules.answer import Answer
from workflow.rules.measure import Measure

RULES = [Answer, Measure, Absence]


@cache
def as_an_editor_reads() -> dict[str, Any]:
    """The shipped file with YAML 1.2's own types: `yes` is text, 18 is a number."""
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(shipped_text())
    return data


@cache
def schema() -> dict[str, Any]:
    return json_schema()


def faults(data: Any) -> list[str]:
    return list(errors(data, schema(), schema()))


def test_an_editor_finds_no_mistake_in_what_ships() -> None:
    assert faults(as_an_editor_reads()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("target_number",), "six"),
        (("has_day_zero",), "maybe"),
        (("colour",), "red"),
        (("concepts", "anc", "kind"), "quality"),
        (("concepts", "anc", "units"), "10*9/L"),
        (("steps", "infuse"), {"label": "Infuse", "label_zh": "回输", "starts": "infusion_started"}),
        (("rules", "anc", "gate"), "enrollment"),
        (("rules", "anc", "withn"), "P7D before enrolment"),
        (("rules", "anc", "basis"), "rumour"),
        (("rules", "lactation", "applies_when"), {"sex": "woman"}),
        (("rules", "lactation", "condition"), {"sex": "female"}),
        (("when_invalidated", "if"), "sometimes"),
        (("rules", "tbil", "then"), {"measure": "tbil", "atmost": "3 x ULN"}),
        (("rules", "hcg_7d_enrol", "owed"), {"basis": "site practice", "reminders": []}),
    ],
    ids=str,
)
def test_an_editor_sees_a_mistake_of_form(path: tuple[str, ...], value: object) -> None:
    data = deepcopy(as_an_editor_reads())
    node: Any = data
    for key in path[:-1]:
        node = next(rule for rule in node if rule["id"] == key) if isinstance(node, list) else node[key]
    node[path[-1]] = value

    assert faults(data)


@pytest.mark.parametrize("key", ["text", "is"])
def test_an_editor_misses_what_a_rule_must_have(key: str) -> None:
    for rule in as_an_editor_reads()["rules"]:
        if key in rule:
            lacking = {name: value for name, value in rule.items() if name != key}

            assert faults({**as_an_editor_reads(), "rules": [lacking]}), rule["id"]


def test_an_editor_shows_how_each_kind_of_rule_is_written() -> None:
    for kind in RULES:
        assert schema()["$defs"][f"{kind.__name__}Rule"]["description"] == getdoc(kind)
