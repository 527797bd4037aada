"""YAML -> Protocol: read strictly, with every mistake reported at once and in the order of the file."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Discriminator, Tag, ValidationError

from workflow.amendments import contradictions, fingerprint
from workflow.definitions import Rule, walk
from workflow.mistakes import Mistake, ProtocolInvalid, did_you_mean
from workflow.protocol import Origin, Protocol
from workflow.references import wrong_references
from workflow.rules.absence import Absence
from workflow.rules.age import Age
from workflow.rules.answer import Answer
from workflow.rules.branch import Branch
from workflow.rules.change import Change
from workflow.rules.compound import AllOf, AnyOf
from workflow.rules.condition import Condition
from workflow.rules.happened import Happened
from workflow.rules.measure import Measure
from workflow.rules.sex import SexIs
from workflow.schema import as_written
from workflow.shorthand import RULE_KEYS, spelled_out
from workflow.units import UnitError, convert
from workflow.yaml_nodes import Document, Problem, read, spell

PROTOCOLS = Path(__file__).parent / "protocols"
_TAG = "kind: "
_KINDS: dict[str, type[Condition]] = {
    "answer": Answer, "measure": Measure, "age": Age, "change": Change, "none": Absence, "event": Happened,
    "sex": SexIs, "all": AllOf, "any": AnyOf, "if": Branch,
}  # fmt: skip


def _kind(mapping: object) -> str | None:
    if isinstance(mapping, Condition):
        return next(_TAG + key for key, kind in _KINDS.items() if isinstance(mapping, kind))
    return next((_TAG + key for key in _KINDS if isinstance(mapping, Mapping) and key in mapping), None)


AnyCondition = Annotated[
    Annotated[Answer, Tag(_TAG + "answer")]
    | Annotated[Measure, Tag(_TAG + "measure")]
    | Annotated[Age, Tag(_TAG + "age")]
    | Annotated[Change, Tag(_TAG + "change")]
    | Annotated[Absence, Tag(_TAG + "none")]
    | Annotated[Happened, Tag(_TAG + "event")]
    | Annotated[SexIs, Tag(_TAG + "sex")]
    | Annotated[AllOf, Tag(_TAG + "all")]
    | Annotated[AnyOf, Tag(_TAG + "any")]
    | Annotated[Branch, Tag(_TAG + "if")],
    Discriminator(
        _kind,
        custom_error_type="kind_of_rule",
        custom_error_message="no kind of rule is named: expected one of " + ", ".join(_KINDS),
    ),
]
for _model in (AllOf, AnyOf, Branch, Rule, Protocol):
    _model.model_rebuild(force=True, _types_namespace={"AnyCondition": AnyCondition, "Rule": Rule})


def load_protocol(path: Path) -> Protocol:
    """Read one protocol file, and those that it amends, which lie beside it.

    Raises ProtocolInvalid with every mistake, OSError if it cannot be opened.
    """
    return _load(path, frozenset())


def _load(path: Path, later: frozenset[str]) -> Protocol:
    text = path.read_text(encoding="utf-8")
    protocol = parse_protocol(text)
    origin = Origin(path.stem, protocol.hash)
    if not protocol.amends:
        return protocol.read_from(origin)
    if protocol.amends in {path.stem, *later}:
        problem = Problem.at(
            ("amends",), f"{protocol.amends!r} amends this version", "an amendment amends an older file"
        )
        raise ProtocolInvalid(_located(read(text), [problem]))
    try:
        amended = _load(path.with_name(f"{protocol.amends}.yaml"), later | {path.stem})
    except FileNotFoundError as error:
        problem = Problem.at(("amends",), f"there is no {protocol.amends}.yaml beside this file", "")
        raise ProtocolInvalid(_located(read(text), [problem])) from error
    if problems := list(contradictions(protocol, amended)):
        raise ProtocolInvalid(_located(read(text), problems))
    return protocol.read_from(origin._replace(amended=amended))


@lru_cache(maxsize=32)
def shipped_protocol(name: str) -> Protocol:
    """A protocol that comes with the product, by its file's name without the ending. Raises FileNotFoundError."""
    return load_protocol(PROTOCOLS / f"{name}.yaml")


def shipped_protocols() -> tuple[str, ...]:
    """The names of all protocols that come with the product."""
    return tuple(sorted(path.stem for path in PROTOCOLS.glob("*.yaml")))


@lru_cache(maxsize=32)
def shipped_versions(name: str) -> Mapping[str, Protocol]:
    """Every shipped version of the trial that a shipped protocol belongs to, by its version."""
    own = shipped_protocol(name)
    every = map(shipped_protocol, shipped_protocols())
    return {protocol.version: protocol for protocol in every if protocol.id == own.id}


def versions_to_go_on_to(name: str) -> tuple[Protocol, ...]:
    """The shipped versions that a study under a shipped protocol may follow: its own, and those that amend it."""
    every = shipped_versions(name).values()
    return tuple(protocol for protocol in every if name in [each.name for each in protocol.lineage])


def parse_protocol(text: str) -> Protocol:
    """Read a protocol from its text. Raises ProtocolInvalid with every mistake."""
    document = read(text)
    problems = list(document.problems)
    if not isinstance(document.data, dict):
        raise ProtocolInvalid(_located(document, problems or [Problem(1, (), "a protocol is a mapping of keys")]))
    data, unknown_conditions = spelled_out(document.data)
    problems += [*unknown_conditions, *wrong_references(document.data), *_repeated_ids(document.data)]
    try:
        protocol = Protocol.model_validate(data)
    except ValidationError as error:
        raise ProtocolInvalid(_located(document, [*problems, *map(_problem, error.errors())])) from error
    problems += _contradictions(protocol)
    if problems:
        raise ProtocolInvalid(_located(document, problems))
    return protocol.read_from(Origin(hash=fingerprint(document.data)))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a protocol file, for editors."""
    return as_written(Protocol.model_json_schema(), [kind.__name__ for kind in _KINDS.values()])


def _problem(error: Any) -> Problem:
    path = tuple(part for part in error["loc"] if part != "condition" and not str(part).startswith(_TAG))
    if error["type"] == "extra_forbidden":
        return Problem.at(path, f"unknown key {path[-1]!r}", did_you_mean(str(path[-1]), _known_keys()))
    message = str(error["msg"]).removeprefix("Value error, ")
    found = f", found {error['input']!r}" if isinstance(error["input"], str) and error["input"] not in message else ""
    return Problem.at(path, message[:1].lower() + message[1:] + found)


@lru_cache(maxsize=1)
def _known_keys() -> frozenset[str]:
    fields = [(name, field.alias) for kind in _KINDS.values() for name, field in kind.model_fields.items()]
    return RULE_KEYS | {alias or name for name, alias in fields} | set(Protocol.model_fields)


def _repeated_ids(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Rules and alarms that share an id. Works on what could be read of the file."""
    seen: set[str] = set()
    for section in ("rules", "alarms"):
        items = data.get(section)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            id_ = item.get("id") if isinstance(item, Mapping) else None
            if isinstance(id_, str) and id_ in seen:
                path = (section, index, "id")
                yield Problem.at(path, f"the id {id_!r} stands twice", "every rule and alarm has its own id")
            seen.add(str(id_))


def _contradictions(protocol: Protocol) -> Iterator[Problem]:
    """What only the whole file can show."""
    for index, rule in enumerate(protocol.rules):
        if rule.owed and not _window_before_own_step(protocol, rule):
            hint = "write within: … before the anchor of the step that the rule guards"
            yield Problem.at(("rules", index, "owed"), "what is owed needs a window before its own step", hint)
    yield from _ranges_of_other_things(protocol)


def _ranges_of_other_things(protocol: Protocol) -> Iterator[Problem]:
    """Ranges in a unit that does not measure their concept, which would never be asked about."""
    for name, usual in protocol.questioned.outside.items() if protocol.questioned else ():
        concept = protocol.concepts.get(name)
        if concept is None:
            continue  # an unknown concept is told where it is named
        try:
            convert(Fraction(1), usual.unit or concept.unit, concept.unit, concept.bridge)
        except UnitError as error:
            yield Problem.at(("questioned", "outside", name), str(error))


def _window_before_own_step(protocol: Protocol, rule: Rule) -> bool:
    windows = [window for part in walk(rule.condition) if (window := part.window())]
    return bool(windows) and protocol.event_of(windows[0].anchor) == protocol.steps[rule.gate].starts


def _located(document: Document, problems: list[Problem]) -> tuple[Mistake, ...]:
    located = {
        Mistake(problem.line or document.line_of(problem.path), spell(problem.path), problem.message, problem.hint)
        for problem in problems
    }
    return tuple(sorted(located))
