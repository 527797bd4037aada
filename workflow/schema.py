"""The JSON Schema of a protocol file as people write it: with the shorthand that is spelled out before validation."""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

_YES_OR_NO = {"enum": ["yes", "no", True, False]}
_BY_NAME = ("applies_when", "if")


def as_written(schema: Mapping[str, Any], conditions: Iterable[str]) -> Schema:
    """The schema of the file, from that of what is validated.

    In the file the condition stands among a rule's own keys, a named condition stands for itself, a concept's key is
    its id, and its choices are codes. `conditions` are the names of the definitions of the kinds of rule.
    """
    written: Schema = _loosened(schema)
    definitions = written["$defs"]
    rule = definitions["Rule"]
    rules = {f"{name}Rule": _rule(rule, definitions[name]) for name in conditions}
    definitions |= rules | {"Rule": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in rules]}}
    concept = definitions["Concept"]
    del concept["properties"]["id"]
    concept["required"].remove("id")
    concept["properties"]["choices"] = {"type": "array", "items": {"type": "string"}}
    del definitions["Choice"]
    return written


def _loosened(node: Any) -> Any:
    """Every yes and no as YAML 1.2 reads them, and a name wherever a condition may be named."""
    if isinstance(node, list):
        return [_loosened(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if node.get("type") == "boolean":
        return {**{key: value for key, value in node.items() if key != "type"}, **_YES_OR_NO}
    loosened = {key: _loosened(value) for key, value in node.items()}
    properties = loosened.get("properties")
    if isinstance(properties, dict):
        for key in properties.keys() & set(_BY_NAME):
            if properties[key].keys() & {"oneOf", "anyOf"}:
                properties[key] = {"anyOf": [{"type": "string"}, properties[key]]}
    return loosened


def _rule(rule: Schema, condition: Schema) -> Schema:
    own = {key: value for key, value in rule["properties"].items() if key != "condition"}
    required = [key for key in rule["required"] if key != "condition"]
    return {
        "type": "object",
        "description": condition["description"],
        "properties": own | condition["properties"],
        "required": required + condition["required"],
        "additionalProperties": False,
    }
