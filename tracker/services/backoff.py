"""Backoff: how long a message waits after an attempt that failed, longer each time and no two messages alike."""

from datetime import timedelta
from hashlib import sha256

FIRST_WAIT = timedelta(seconds=15)

LONGEST_WAIT = timedelta(hours=1)
"""After a refusal of the message itself, however often it was refused."""

LONGEST_OUTAGE_WAIT = timedelta(minutes=1)
"""While the server cannot be reached: once it is back, nothing may wait for what the outage has cost."""

_PARTS = 1_000_000


def wait_after(failures: int, key: str, *, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """The wait after the failure of that number, counted from 1: doubled each time, up to `longest`.

    Between half of that and the whole of it is waited: messages that failed together are not tried together again.
    Which part it is follows from the message's key and the number, so that it can be told beforehand.
    """
    doublings = max(0, min(failures - 1, 20))
    whole = min(FIRST_WAIT * (1 << doublings), longest)
    return whole / 2 + whole / 2 * _part(f"{key} {failures}") / _PARTS


def _part(seed: str) -> int:
    """A number of parts, the same for the same seed, and spread evenly over all."""
    return int.from_bytes(sha256(seed.encode()).digest()) % _PARTS
