"""References within a protocol file: every anchor, concept, role, step and unit that is named must exist."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflow.limits import Limit
from workflow.mistakes import did_you_mean
from workflow.readings import FORMULAS
from workflow.units import UnitError, normalise
from workflow.windows import Window
from workflow.yaml_nodes import Path, Problem

Check = Callable[[str], str | None]
"""Says what is wrong with one line of text; None when nothing is."""


def wrong_references(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Every name that refers to nothing, and every unit that is unknown. Works on what could be read of the file."""
    known = {section: _names(data.get(section)) for section in ("concepts", "anchors", "roles", "steps")}
    for path, value in _scalars(data, ()):
        kind = _kind(path)
        if kind == "limit":
            yield from _unknown_unit(path, value)
        elif kind == "range":
            yield from _range(path, value, known["concepts"])
        elif kind == "formula" and value not in FORMULAS:
            yield _unknown(path, "formula", value, FORMULAS)
        elif kind == "unit":
            yield from _unit(path, value)
        elif kind == "window":
            yield from _unknown_anchor(path, value, known["anchors"])
        elif kind in _SECTIONS and value not in known[_SECTIONS[kind]]:
            yield _unknown(path, kind, value, known[_SECTIONS[kind]])


_SECTIONS = {"concept": "concepts", "anchor": "anchors", "role": "roles", "step": "steps"}
_KINDS = {
    "answer": "concept", "measure": "concept", "none": "concept", "looked_for_by": "concept", "event": "concept",
    "starts": "concept", "result": "concept", "concept": "concept", "guards": "step", "stops": "step",
    "ends": "concept", "later_than_any": "concept", "since": "concept", "decision": "concept", "inputs": "concept",
    "out_by": "anchor", "same_as": "anchor", "on": "anchor", "from": "anchor", "after": "anchor",
    "tell": "role", "to": "role", "attested_by": "role", "gate": "step", "rejudges": "step",
    "within": "window", "unit": "unit", "units": "unit", "formula": "formula",
    "lowest": "limit", "highest": "limit",
    "at_least": "limit", "at_most": "limit", "more_than": "limit", "less_than": "limit",
    "rises_at_least": "limit", "rises_more_than": "limit", "falls_at_least": "limit", "falls_more_than": "limit",
}  # fmt: skip
_KEYED = {"inputs": "concept", "outside": "range"}
"""What stands behind each of the keys that are names themselves."""
_NOT_REFERENCES = {("age", "at_least"), ("age", "at_most"), ("escalate", "after"), ("unanswered_plans", "after")}


def _kind(path: Path) -> str | None:
    """What the last key of a path refers to; items of a list, and inputs by name, are named by the key above them."""
    keys = [part for part in path if isinstance(part, str)]
    if len(keys) >= 2 and (keys[-2], keys[-1]) in _NOT_REFERENCES:
        return None
    if len(keys) >= 2 and keys[-2] in _KEYED:
        return _KEYED[keys[-2]]
    return _KINDS.get(keys[-1])


def _names(section: object) -> frozenset[str]:
    return frozenset(section) if isinstance(section, Mapping) else frozenset()


def _scalars(node: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _scalars(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _scalars(value, (*path, index))
    elif isinstance(node, str):
        yield path, node


def _unknown(path: Path, kind: str, name: str, known: Mapping[str, Any] | frozenset[str]) -> Problem:
    return Problem.at(path, f"unknown {kind} {name!r}", did_you_mean(name, known))


def _unknown_anchor(path: Path, line: str, anchors: frozenset[str]) -> Iterator[Problem]:
    try:
        window = Window.parse(line)
    except ValueError:
        return  # the window itself is reported where it is read
    if window.anchor not in anchors:
        yield _unknown(path, "anchor", window.anchor, anchors)


def _unknown_unit(path: Path, line: str) -> Iterator[Problem]:
    try:
        limit = Limit.parse(line)
    except ValueError:
        return  # the limit itself is reported where it is read
    if limit.unit:
        yield from _unit(path, limit.unit)


def _range(path: Path, line: str, concepts: frozenset[str]) -> Iterator[Problem]:
    """The concept that is the key of a range, and the range's unit."""
    if str(path[-1]) not in concepts:
        yield _unknown(path, "concept", str(path[-1]), concepts)
    unit = line.rpartition(" ")[2]
    if not unit.replace(".", "").isdigit():
        yield from _unit(path, unit)


def _unit(path: Path, unit: str) -> Iterator[Problem]:
    try:
        code = normalise(unit)
    except UnitError as error:
        yield Problem.at(path, str(error))
        return
    if code != unit:
        yield Problem.at(path, f"{unit!r} is not a UCUM code", f"write {code!r}")
