"""What the services refuse, and what they say when they do."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from workflow.answers import Gate
    from workflow.stages import Stage, Step


class NotAllowed(PermissionDenied):
    """The person's roles at the participant's site do not include this; nothing was touched."""


class Refused(Exception):
    """Something the record or the journey does not permit; nothing was written. The text is for the person."""


class StepRefused(Refused):
    """The gate stops the step; `gate` says why, clause by clause."""

    def __init__(self, gate: "Gate") -> None:
        self.gate = gate
        clauses = ", ".join(finding.clause for finding in gate.blocking)
        super().__init__(_("The protocol does not allow this step now: %(clauses)s.") % {"clauses": clauses})


class StepNotPossible(Refused):
    """No edge leads from the participant's stage by this step. `labels` are what people call the two."""

    def __init__(self, step: "Step", stage: "Stage", labels: tuple[str, str]) -> None:
        self.step, self.stage = step, stage
        words = {"step": labels[0], "stage": labels[1]}
        super().__init__(_("The step “%(step)s” is not possible from the stage “%(stage)s”.") % words)


class SteppedByAnother(Refused):
    """Somebody else moved the participant since the form was shown. `labels` are what people call the two stages."""

    def __init__(self, expected: "Stage", found: "Stage", labels: tuple[str, str]) -> None:
        self.expected, self.found = expected, found
        words = {"expected": labels[0], "found": labels[1]}
        said = _("The participant was moved by another person meanwhile: from “%(expected)s” to “%(found)s”.")
        super().__init__(said % words)


class Invalid(Refused):
    """What was entered cannot be taken. `errors` holds translated messages by field name."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{field}: {' '.join(messages)}" for field, messages in errors.items()))


class FactInvalid(Invalid):
    """A fact that cannot be recorded as entered."""


class StepInvalid(Invalid):
    """A step, or a plan of one, that cannot be recorded as entered."""


class ParticipantInvalid(Invalid):
    """A participant who cannot be registered as entered."""


class StudyInvalid(Invalid):
    """A study that cannot be set up as entered."""


class StepUnderWay(SteppedByAnother):
    """The step was started already and has not ended: two people recorded the same start."""

    def __init__(self, step: "Step", stage: "Stage") -> None:
        self.step = step
        self.expected = self.found = stage
        Refused.__init__(self, _("This step was recorded by another person already: it is under way."))


class SignatureMissing(Refused):
    """The protocol asks whoever records this step to sign it."""

    def __init__(self) -> None:
        super().__init__(_("This is signed with the password of the person who records it: the signature is missing."))


class GateReadsOtherwise(Refused):
    """What is signed is not what was shown: something was recorded meanwhile, or another time was entered."""

    def __init__(self) -> None:
        super().__init__(_("This reads otherwise than it was shown to you. Read it again, then sign."))


class ReadsOtherwise(Refused):
    """What is recorded is not what was shown: something was recorded meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("This reads otherwise than it was shown to you. Look at it again, then record it."))


class CorrectedByAnother(Refused):
    """The step does not stand any more as it was shown: somebody corrected it, or took it back."""

    def __init__(self) -> None:
        super().__init__(_("This step was corrected by another person meanwhile. Look at it again."))


class StoodUpon(Refused):
    """A step cannot be taken back from under what was recorded on it. `upon` is what people call that."""

    def __init__(self, upon: str) -> None:
        said = _("“%(upon)s” was recorded after it: take that back, or mark it as entered in error, first.")
        super().__init__(said % {"upon": upon})


class NotTheirsToTakeBack(Refused):
    """Nobody escapes a deviation by taking back the step that she reported."""

    def __init__(self) -> None:
        said = _(
            "Deviations hang on this step: only a principal investigator of this site who reported none of them "
            "takes it back."
        )
        super().__init__(said)


class DeviationInvalid(Invalid):
    """A deviation that cannot be completed or closed as entered."""


class DeviationClosed(Refused):
    """The deviation is signed already."""

    def __init__(self) -> None:
        super().__init__(_("This deviation is closed already: what was signed is not changed."))


class DeviationVoid(DeviationClosed):
    """The step was recorded in error: there is nothing left to sign."""

    def __init__(self) -> None:
        Refused.__init__(self, _("This deviation is void: the step was recorded in error."))


class RedactionInvalid(Invalid):
    """Something that cannot be taken out as it was asked for."""


class TooOldToWithhold(Refused):
    """A value cannot be withheld from a copy: it stands in an event from before single values had digests."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This record is older than the digests of single values: no copy can withhold the dose level and still "
                "be proven. Somebody who may see the dose level can take one."
            )
        )


class NotTheirsToSign(Refused):
    """Only a principal investigator of the site signs a deviation, and never the person who reported it."""


class AlertResolved(Refused):
    """The alert needs nobody any more."""

    def __init__(self) -> None:
        super().__init__(_("This alert is resolved already: nothing is left to acknowledge."))


class UrgentNotSnoozed(Refused):
    """What is urgent is never quieted."""

    def __init__(self) -> None:
        super().__init__(_("An urgent alert cannot be snoozed: acknowledge it, and do what it asks for."))


class SnoozeInvalid(Invalid):
    """A snooze that cannot be taken as entered."""


class CoverInvalid(Invalid):
    """An absence or a duty that cannot be kept as entered."""


class PreferencesInvalid(Invalid):
    """Preferences that cannot be kept as entered."""


class NothingToSend(Refused):
    """There is no reason to send a message again: it arrived, waits already, or is about what needs nobody any more."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to send again: it went out, waits already, or is no longer needed."))


class ReaderLeft(Refused):
    """Whoever was written to works at the site no more."""

    def __init__(self) -> None:
        super().__init__(_("This person does not work at this site any more."))


class AddressStillRefused(Refused):
    """The mail server would not take it this time either."""

    def __init__(self) -> None:
        super().__init__(_("This address is refused by the mail server: it has to be corrected or confirmed first."))


class NothingToShow(Refused):
    """Whoever asks for a calendar has no role anywhere today; there would be nothing in it."""

    def __init__(self) -> None:
        super().__init__(_("You have no role at any site today: a calendar of yours would be empty."))
