"""Which version of the protocol a participant is under: the one that her latest consent named."""

from bisect import bisect_right
from collections.abc import Mapping

from workflow.anchors import NOW, Anchor
from workflow.context import Horizon
from workflow.protocol import Protocol
from workflow.timeline import Timeline

CONSENT = "consent"
"""The concept of the consent; its value is the version of the protocol that was consented to."""


class Versions:
    """The versions of one trial, and since when a participant has been under each.

    `first` holds before any consent that names a version, and where a consent names none that is `known`.
    """

    def __init__(self, first: Protocol, known: Mapping[str, Protocol], timeline: Timeline, horizon: Horizon) -> None:
        self._known = {first.version: first, **known}
        self._first = self._known[first.version]
        self._horizon = horizon
        named = [
            (start, self._known[str(fact.value)])
            for start, fact in zip(timeline.starts(CONSENT), timeline.done(CONSENT), strict=True)
            if fact.value in self._known
        ]
        is_first_only = all(protocol is self._first for _start, protocol in named)
        # What cannot change needs no waking up for.
        self._named = [] if is_first_only else named
        self._starts = [start for start, _protocol in self._named]

    def at(self, anchor: Anchor = NOW) -> Protocol:
        """The version a start is judged by: of the latest consent up to it, and up to the instant asked about."""
        among = len(self._starts) if anchor.at is None else bisect_right(self._starts, anchor.at)
        count = self._horizon.how_many_reached(self._starts, among)
        return self._named[count - 1][1] if count else self._first

    def called(self, version: str) -> Protocol:
        """The version of that name. Raises KeyError."""
        return self._known[version]
