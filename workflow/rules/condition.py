"""What every kind of rule has in common: it is read from one YAML mapping, and it judges a context."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema

from workflow.context import Context
from workflow.durations import Duration
from workflow.findings import Finding
from workflow.limits import Limit
from workflow.windows import Window


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
DurationText = Annotated[
    Duration,
    PlainValidator(lambda text: Duration.parse(_text(text))),
    WithJsonSchema({"type": "string", "examples": ["PT48H", "P7D", "P6M"]}),
]
LimitLine = Annotated[
    Limit,
    PlainValidator(lambda text: Limit.parse(_text(text))),
    WithJsonSchema({"type": "string", "examples": ["1000 /uL", "3 x ULN", "5 %"]}),
]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected one line of text, found {type(value).__name__}")  # noqa: TRY004 - pydantic reports it
    return value
