"""The last word before a process of production serves: every setting that is missing or unsafe, all at once."""

import sys
from collections.abc import Iterable

from django.conf import settings
from django.core.checks import CheckMessage, run_checks

from tracker.deployment import unsafe_settings

# gunicorn gives up when a worker ends so; after any other code it would try again for ever.
REFUSED = 3


def refuse_unless_safe() -> None:
    """End this process, one of several that share the work, unless every start-up check holds."""
    found = run_checks()
    found += [message for message in unsafe_settings(settings, several_processes=True) if message not in found]
    if found:
        sys.stderr.write(_told(found))
    if any(message.is_serious() for message in found):
        sys.stderr.flush()
        raise SystemExit(REFUSED)


def _told(found: Iterable[CheckMessage]) -> str:
    errors = [f"  {message.msg}" for message in found if message.is_serious()]
    warnings = [f"  {message.msg}" for message in found if not message.is_serious()]
    heading = "Daymark does not start. To be put right first (docs/operations.md):"
    return "\n".join([*([heading, *errors] if errors else []), *(["To be known:", *warnings] if warnings else []), ""])
