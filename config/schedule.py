"""Everything that happens by itself, and how often: the only place with beat entries."""

from datetime import UTC, datetime
from typing import Any

# So long ago that everything is due at the start: what an outage held up does not wait for another period.
_NEVER_YET = datetime(2000, 1, 1, tzinfo=UTC)

# A tick that waited longer than its own period is dropped: the next one does the same work.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "reassess participants whose time has come": {
        "task": "tracker.tasks.sweep",
        "schedule": 20.0,
        "last_run_at": _NEVER_YET,
        "options": {"expires": 20},
    },
    "write the digests whose time has come": {
        "task": "tracker.tasks.digest",
        "schedule": 20.0,
        "last_run_at": _NEVER_YET,
        "options": {"expires": 20},
    },
    "seal what was written to the audit trail": {
        "task": "tracker.tasks.seal",
        "schedule": 30.0,
        "last_run_at": _NEVER_YET,
        "options": {"expires": 30},
    },
    "publish what calendars show": {
        "task": "tracker.tasks.publish",
        "schedule": 60.0,
        "last_run_at": _NEVER_YET,
        "options": {"expires": 60},
    },
    "send what waits in the outbox": {
        "task": "tracker.tasks.deliver",
        "schedule": 5.0,
        "last_run_at": _NEVER_YET,
        "options": {"expires": 5},
    },
}
