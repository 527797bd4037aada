"""Where staff fill in a form: the words, the site's clock, and the present instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.admin.fields import MomentField
from tracker.wording.voice import Voice
from workflow.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a form is filled in: the words to use, the site's clock, the present instant, and what may be consented to.

    `versions` are those of the protocol, newest first.
    """

    voice: Voice
    zone: ZoneInfo
    now: datetime
    versions: tuple[Protocol, ...] = ()

    @property
    def minute(self) -> datetime:
        """The present minute, which is what staff read and type: a result of this minute serves a start in it."""
        return self.now.replace(second=0, microsecond=0)

    def moment(self, label: str, *, help_text: str = "", required: bool = True, **options: Any) -> MomentField:
        """A field for a moment of this site."""
        return MomentField(
            zone=self.zone, now=self.now, label=label, help_text=help_text, required=required, **options
        )  # fmt: skip
