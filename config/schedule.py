"""Everything that happens by itself, and how often: the only place with beat entries."""

from typing import Any

# A tick that waited longer than its own period is dropped: the next one does the same work.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "reassess participants whose time has come": {
        "task": "tracker.tasks.sweep",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "send what waits in the outbox": {
        "task": "tracker.tasks.deliver",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
}
