"""Amendments: what the next version of a protocol must keep, so that everything recorded before can still be read."""

import hashlib
import json
from collections.abc import Iterator

from workflow.protocol import Protocol
from workflow.yaml_nodes import Problem, Tree


def fingerprint(content: Tree) -> str:
    """SHA-256, in hexadecimal, of what a protocol file says: its keys, lists and texts in the order of the file.

    Comments, blank lines, quotes and line ends play no part; every word and every number that is read does.
    """
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def contradictions(protocol: Protocol, amended: Protocol) -> Iterator[Problem]:
    """What an amendment took away, or means otherwise, of what the version before it had."""
    if protocol.id != amended.id:
        yield Problem.at(("id",), f"{protocol.id!r} amends {amended.id!r}", "an amendment keeps the id of its trial")
    if protocol.version in [earlier.version for earlier in amended.lineage]:
        message = f"an earlier file has the version {protocol.version!r} as well"
        yield Problem.at(("version",), message, "every version has its own name")
    yield from _lost_concepts(protocol, amended)
    yield from _lost_answers(protocol, amended)
    yield from _other_steps(protocol, amended)


def _lost_concepts(protocol: Protocol, amended: Protocol) -> Iterator[Problem]:
    for name, concept in amended.concepts.items():
        kept = protocol.concepts.get(name)
        if kept is None:
            yield Problem.at(("concepts",), f"the concept {name!r} is missing", "facts about it may be on record")
        elif kept.kind != concept.kind:
            message = f"{name!r} was of the kind {concept.kind!r}, and is {kept.kind!r}"
            yield Problem.at(("concepts", name, "kind"), message, "a concept of another kind has another name")


def _lost_answers(protocol: Protocol, amended: Protocol) -> Iterator[Problem]:
    for code in amended.answers:
        if code not in protocol.answers:
            yield Problem.at(("answers",), f"the answer {code!r} is missing", "facts with it may be on record")


def _other_steps(protocol: Protocol, amended: Protocol) -> Iterator[Problem]:
    for step, before in amended.steps.items():
        for key, concept in (("starts", before.starts), ("ends", before.ends)):
            found = getattr(protocol.steps[step], key) if step in protocol.steps else ""
            if found != concept:
                message = f"the step {step.value!r} was told by {concept!r}, and is told by {found!r}"
                yield Problem.at(("steps", step.value, key), message, "starts on record must stay starts")
    if protocol.hold.concept != amended.hold.concept:
        message = f"a hold was told by {amended.hold.concept!r}, and is told by {protocol.hold.concept!r}"
        yield Problem.at(("hold", "concept"), message, "holds on record must stay holds")
