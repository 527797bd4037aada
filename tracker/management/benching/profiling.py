"""Where the time goes: a piece of work is watched, and the functions that took longest are named."""

from collections.abc import Callable
from cProfile import Profile
from io import StringIO
from pstats import SortKey, Stats

LINES = 25


def profiled(work: Callable[[], object], by: SortKey = SortKey.TIME, lines: int = LINES) -> str:
    """The table of the functions that took longest, by their own time or with what they call.

    What is watched takes about twice as long: read the shares, not the seconds.
    """
    profile, told = Profile(), StringIO()
    with profile:
        work()
    Stats(profile, stream=told).strip_dirs().sort_stats(by).print_stats(lines)
    return told.getvalue()
