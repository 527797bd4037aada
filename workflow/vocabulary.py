"""What a rule may ask of the protocol it belongs to, without knowing the protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol as Structural


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a concept is calculated: a formula by name, and the concept that serves each of its inputs."""

    formula: str
    inputs: Mapping[str, str]


class Vocabulary(Structural):
    """The protocol's own words, looked up by id."""

    def event_of(self, anchor: str) -> str:
        """The concept whose happening is the anchor."""

    def carries_over(self, concept: str) -> bool:
        """Whether facts of earlier episodes, and from before the consent, still count."""

    def has_end(self, concept: str) -> bool:
        """Whether the concept lasts from a start to an end."""

    def bridge_of(self, concept: str) -> Fraction | None:
        """How many umol/L one mg/dL of the analyte is, where that is defined."""

    def derivation_of(self, concept: str) -> Derivation | None:
        """How a derived concept is calculated; None for a concept that is recorded itself."""
