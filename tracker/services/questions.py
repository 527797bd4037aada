"""Questions: numbers that people rarely have are asked about before they are kept, never refused."""

from dataclasses import dataclass

from tracker.services.numbers import read_number, read_unit
from tracker.wording.numbers import number_words, unit_words, with_unit
from workflow.bounds import split_comparator
from workflow.plausibility import Doubt, doubt
from workflow.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """A number as it was typed, the range that people usually have, and what may have been meant.

    `meant` and `meant_unit` are what to enter instead; "" where nothing suggests itself.
    """

    typed: str
    usual: str
    meant: str = ""
    meant_unit: str = ""

    @property
    def meant_words(self) -> str:
        """What may have been meant, as it is printed."""
        return with_unit(self.meant, self.meant_unit)


def question(protocol: Protocol, concept: str, value: str, unit: str) -> Question | None:
    """What is to be asked about a number as it was typed; None where nothing is, or where it is no number at all."""
    known = protocol.concepts.get(concept)
    usual = protocol.questioned.outside.get(concept) if protocol.questioned else None
    if known is None or usual is None:
        return None
    comparator, text = split_comparator(value)
    number, _problem = read_number(text)
    code, _problem = read_unit(unit or (known.unit if len(known.units) == 1 else ""), known)
    if number is None or not code:
        return None
    found = doubt(known, usual, number, code, comparator)
    return _question(found, comparator, f"{number}", code) if found else None


def _question(found: Doubt, comparator: str, number: str, unit: str) -> Question:
    sign = "" if comparator == "=" else comparator
    meant, meant_unit = found.meant or ("", "")
    return Question(
        f"{sign}{with_unit(number, unit)}", usual_words(found), f"{sign}{meant}" if meant else "", meant_unit
    )


def usual_words(found: Doubt) -> str:
    """The range as it is kept and shown: `3–25 g/dL`."""
    return f"{number_words(found.low)}–{number_words(found.high)} {unit_words(found.unit)}".strip()
