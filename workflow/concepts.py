"""Concepts: the site-independent things a fact can be about, with their units and codes."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Literal

from pydantic import Field

from workflow.rules.condition import Definition, LimitLine
from workflow.vocabulary import Derivation

Kind = Literal["event", "interval", "answer", "result", "quantity", "review", "date", "derived"]


class Choice(Definition):
    """One code an answer or a result may have, with its words."""

    code: str
    label: str
    label_zh: str


class Calculation(Definition):
    """A formula by name and the concepts that serve its inputs."""

    formula: str
    inputs: Mapping[str, str]


class Concept(Definition):
    """One thing a fact can be about.

    `unit` is the preferred UCUM code, `units` all that are offered at entry. `lowest` and `highest`
    (both included) bound what is possible at all. `also_called` are the names that laboratories' lists use for it.
    `therapy` concepts are given with a dose or looked back for, and stand in one table. `carries_over` marks dated
    history that counts across episodes and from before the consent. `mg_per_dl_is` is the analyte's substance
    concentration of 1 mg/dL, which alone allows mass to convert to substance.
    """

    id: str
    kind: Kind
    label: str
    label_zh: str
    unit: str = ""
    units: tuple[str, ...] = ()
    needs_upper_limit: bool = False
    lowest: LimitLine | None = None
    highest: LimitLine | None = None
    choices: tuple[Choice, ...] = ()
    loinc: str = ""
    also_called: tuple[str, ...] = ()
    panel: str = ""
    therapy: bool = False
    attested_by: str = ""
    study_level: bool = False
    carries_over: bool = False
    mg_per_dl_is: LimitLine | None = None
    calculated: Calculation | None = Field(default=None)

    @cached_property
    def bridge(self) -> Fraction | None:
        """How many umol/L one mg/dL is."""
        return Fraction(self.mg_per_dl_is.number) if self.mg_per_dl_is else None

    @cached_property
    def derivation(self) -> Derivation | None:
        """How the concept is calculated, if it is."""
        return Derivation(self.calculated.formula, self.calculated.inputs) if self.calculated else None
