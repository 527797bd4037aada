"""`manage.py compare_archive FILE`: does the archive of a study hold, from its first seal to its last?"""

from tracker.management.commands.compare_participant import Command as CompareCopy


class Command(CompareCopy):
    """As `compare_participant`, over the whole chain."""

    help = "Prove a study's archive by its whole chain, read it into an empty throwaway database, compare both."
