"""The shipped protocol file taken apart, for tests that change it."""

from functools import cache
from typing import Any

from workflow.loading import PROTOCOLS
from workflow.protocol import Protocol
from workflow.shorthand import spelled_out
from workflow.yaml_nodes import read

SHIPPED = PROTOCOLS / "relma-cel-ssc.yaml"


@cache
def shipped_text() -> str:
    """The file as it stands."""
    return SHIPPED.read_text(encoding="utf-8")


@cache
def _parsed() -> dict[str, Any]:
    data = read(shipped_text()).data
    if not isinstance(data, dict):
        raise TypeError("the shipped protocol is not a mapping")
    return data


@cache
def protocol_without(clause: str) -> Protocol:
    """The shipped protocol as if the rule had never been written. Raises LookupError for one that is not there."""
    rules = [rule for rule in _parsed()["rules"] if rule["id"] != clause]
    if len(rules) != len(_parsed()["rules"]) - 1:
        raise LookupError(f"no rule {clause!r}")
    whole, _ = spelled_out({**_parsed(), "rules": rules})
    return Protocol.model_validate(whole)


def shipped_text_with(old: str, new: str) -> str:
    """The file with one passage, which stands there exactly once, written differently."""
    if shipped_text().count(old) != 1:
        raise LookupError(f"{old!r} stands {shipped_text().count(old)} times in the file")
    return shipped_text().replace(old, new)
