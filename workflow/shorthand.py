"""Shorthand of the protocol file, spelled out before it is validated: named conditions, codes, ids from keys."""

from collections.abc import Mapping
from typing import Any

from workflow.mistakes import did_you_mean
from workflow.yaml_nodes import Path, Problem

RULE_KEYS = frozenset({"id", "gate", "title", "title_zh", "text", "text_zh", "basis", "applies_when", "owed", "lasts"})
_BY_NAME = ("applies_when", "if")


def spelled_out(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The same file without shorthand, and the names of conditions that do not exist."""
    problems: list[Problem] = []
    conditions = _mapping(data.get("conditions"))
    whole = {key: _named(value, (key,), conditions, problems) for key, value in data.items()}
    answers = _mapping(data.get("answers"))
    if isinstance(concepts := whole.get("concepts"), Mapping):
        whole["concepts"] = {id_: _concept(id_, concept, answers, problems) for id_, concept in concepts.items()}
    if isinstance(rules := whole.get("rules"), list):
        whole["rules"] = [_rule(rule) for rule in rules]
    return whole, problems


def _named(node: Any, path: Path, conditions: Mapping[str, Any], problems: list[Problem]) -> Any:
    if isinstance(node, list):
        return [_named(item, (*path, index), conditions, problems) for index, item in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    return {
        key: _condition(value, (*path, key), conditions, problems)
        if key in _BY_NAME and isinstance(value, str) and "reminders" not in path
        else _named(value, (*path, key), conditions, problems)
        for key, value in node.items()
    }


def _condition(name: str, path: Path, conditions: Mapping[str, Any], problems: list[Problem]) -> Any:
    if name not in conditions:
        problems.append(Problem.at(path, f"unknown condition {name!r}", did_you_mean(name, conditions)))
        return {"any": [{"sex": "female"}, {"sex": "male"}]}
    return conditions[name]


def _concept(id_: str, concept: Any, answers: Mapping[str, Any], problems: list[Problem]) -> Any:
    if not isinstance(concept, Mapping):
        return concept
    codes = concept.get("choices")
    if not isinstance(codes, list):
        return {"id": id_, **concept}
    for index, code in enumerate(codes):
        if code not in answers:
            path = ("concepts", id_, "choices", index)
            problems.append(Problem.at(path, f"unknown answer {code!r}", did_you_mean(str(code), answers)))
    choices = [{"code": code, **answers[code]} for code in codes if isinstance(answers.get(code), Mapping)]
    return {"id": id_, **concept, "choices": choices}


def _rule(rule: Any) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    own = {key: value for key, value in rule.items() if key in RULE_KEYS}
    return {**own, "condition": {key: value for key, value in rule.items() if key not in RULE_KEYS}}


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}
