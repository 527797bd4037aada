"""The reason that a change of something saved demands, as every service demands it."""

from django.utils.translation import gettext as _

from tracker.errors import Invalid

LONGEST = 500


def demanded(reason: str, refusal: type[Invalid]) -> str:
    """The reason without blanks around it. Raises the refusal, at `reason`, where there is none, or too long a one."""
    if not reason.strip():
        raise refusal({"reason": [_("Give the reason.")]})
    if len(reason) > LONGEST:
        raise refusal({"reason": [_("At most 500 characters.")]})
    return reason.strip()
