"""Just enough of JSON Schema to hold a file against the schema that editors get; an unknown keyword is an error."""

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "array": (list,), "object": (dict,),
    "null": (type(None),), "boolean": (bool,),
}  # fmt: skip
_SILENT = {"title", "description", "examples", "default", "$defs"}


def errors(value: Any, schema: Schema, root: Schema, path: str = "") -> Iterator[str]:
    """Where and how a value breaks a schema; nothing when it keeps it."""
    for keyword, expected in schema.items():
        if keyword in _SILENT or keyword in {"required", "additionalProperties"}:
            continue
        yield from _CHECKS[keyword](value, expected, root, path)
    if isinstance(value, dict):
        yield from _keys(value, schema, root, path)


def _keys(value: dict[str, Any], schema: Schema, root: Schema, path: str) -> Iterator[str]:
    yield from (f"{path}: {key} is required" for key in schema.get("required", []) if key not in value)
    others = schema.get("additionalProperties", True)
    for key in value.keys() - schema.get("properties", {}).keys():
        if others is False:
            yield f"{path}: {key} is not allowed"
        elif isinstance(others, dict):
            yield from errors(value[key], others, root, f"{path}.{key}")


def _ref(value: Any, expected: str, root: Schema, path: str) -> Iterator[str]:
    yield from errors(value, root["$defs"][expected.removeprefix("#/$defs/")], root, path)


def _type(value: Any, expected: str | list[str], root: Schema, path: str) -> Iterator[str]:
    names = [expected] if isinstance(expected, str) else expected
    wanted = tuple(kind for name in names for kind in _TYPES[name])
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        yield f"{path}: {value!r} is not {' or '.join(names)}"


def _properties(value: Any, expected: dict[str, Schema], root: Schema, path: str) -> Iterator[str]:
    for key in expected.keys() & (value.keys() if isinstance(value, dict) else set()):
        yield from errors(value[key], expected[key], root, f"{path}.{key}")


def _items(value: Any, expected: Schema, root: Schema, path: str) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else []):
        yield from errors(item, expected, root, f"{path}[{index}]")


def _names(value: Any, expected: Schema, root: Schema, path: str) -> Iterator[str]:
    for key in value if isinstance(value, dict) else ():
        yield from errors(key, expected, root, f"{path}.{key}")


def _one_of(value: Any, expected: list[Schema], root: Schema, path: str) -> Iterator[str]:
    kept = [number for number, option in enumerate(expected) if not any(errors(value, option, root, path))]
    if len(kept) != 1:
        yield f"{path}: {len(kept)} of {len(expected)} alternatives are kept"


def _any_of(value: Any, expected: list[Schema], root: Schema, path: str) -> Iterator[str]:
    if all(any(errors(value, option, root, path)) for option in expected):
        yield f"{path}: no alternative is kept"


def _simple(breaks: Any) -> Any:
    def check(value: Any, expected: Any, root: Schema, path: str) -> Iterator[str]:
        if breaks(value, expected):
            yield f"{path}: {value!r} against {expected!r}"

    return check


_CHECKS: dict[str, Any] = {
    "$ref": _ref, "type": _type, "properties": _properties, "items": _items, "propertyNames": _names,
    "oneOf": _one_of, "anyOf": _any_of,
    "enum": _simple(lambda value, expected: value not in expected),
    "const": _simple(lambda value, expected: value != expected),
    "pattern": _simple(lambda value, expected: isinstance(value, str) and not re.search(expected, value)),
    "minimum": _simple(lambda value, expected: isinstance(value, int) and value < expected),
    "minItems": _simple(lambda value, expected: isinstance(value, list) and len(value) < expected),
    "minProperties": _simple(lambda value, expected: isinstance(value, dict) and len(value) < expected),
}  # fmt: skip
