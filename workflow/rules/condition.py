"""What every kind of rule has in common: it is read from one YAML mapping, and it judges a context."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema

from workflow.context import Context
from workflow.durations import Counting, Duration
from workflow.findings import Finding
from workflow.limits import Limit
from workflow.windows import Direction, Window


class Definition(BaseModel):
    """A frozen value read strictly from the protocol file: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Condition(Definition):
    """One condition of a rule; compounds hold others."""

    def judge(self, context: Context) -> Finding:
        """Answer for one gate's view. Pure; the only way to ask for the time is the context."""
        raise NotImplementedError

    def concepts(self) -> tuple[str, ...]:
        """The ids of concepts this condition reads, for the loader to check and for forms to offer."""
        return ()

    def window(self) -> Window | None:
        """The window in which this condition looks for evidence, if it has one."""
        return None

    def parts(self) -> tuple["Condition", ...]:
        """The conditions this one is made of."""
        return ()


WindowLine = Annotated[
    Window,
    PlainValidator(lambda text: Window.parse(_text(text))),
    WithJsonSchema({"type": "string", "examples": ["PT48H before first_ld_dose", "P7D before enrolment"]}),
]
LookBackLine = Annotated[
    Window,
    PlainValidator(lambda text: _look_back(Window.parse(_text(text)))),
    WithJsonSchema({"type": "string", "examples": ["P7D before enrolment"]}),
]
DurationText = Annotated[
    Duration,
    PlainValidator(lambda text: Duration.parse(_text(text))),
    WithJsonSchema({"type": "string", "examples": ["PT48H", "P7D", "P6M"]}),
]
CalendarDuration = Annotated[
    Duration,
    PlainValidator(lambda text: _counted(Counting.CALENDAR, Duration.parse(_text(text)))),
    WithJsonSchema({"type": "string", "examples": ["P7D", "P6M", "P2Y"]}),
]
ElapsedDuration = Annotated[
    Duration,
    PlainValidator(lambda text: _counted(Counting.ELAPSED, Duration.parse(_text(text)))),
    WithJsonSchema({"type": "string", "examples": ["PT1H", "PT48H"]}),
]
LimitLine = Annotated[
    Limit,
    PlainValidator(lambda text: Limit.parse(_text(text))),
    WithJsonSchema({"type": ["string", "number"], "examples": ["1000 /uL", "3 x ULN", "5 %", "3"]}),
]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected one line of text, found {type(value).__name__}")  # noqa: TRY004 - pydantic reports it
    return value


def _counted(counting: Counting, length: Duration) -> Duration:
    if length.counting is not counting:
        wanted = "calendar time like P7D" if counting is Counting.CALENDAR else "elapsed time like PT48H"
        raise ValueError(f"{length.text!r} counts otherwise than is needed here: expected {wanted}")
    return length


def _look_back(window: Window) -> Window:
    _counted(Counting.CALENDAR, window.length)
    if window.direction is not Direction.BEFORE:
        raise ValueError(f"{window.text!r} does not look back: expected a window before its anchor")
    return window
