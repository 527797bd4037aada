"""Findings into sentences, instants into site time, numbers as they are: pure functions in two languages."""

from tracker.wording.describe import Described, basis_words, clause_title, describe, state_words
from tracker.wording.instants import (
    clock_words,
    day_words,
    distance_words,
    is_chinese,
    last_moment_words,
    length_words,
    moment_words,
    zone_words,
)
from tracker.wording.rules import rules_words, short_hash
from tracker.wording.voice import Voice

__all__ = [
    "Described",
    "Voice",
    "basis_words",
    "clause_title",
    "clock_words",
    "day_words",
    "describe",
    "distance_words",
    "is_chinese",
    "last_moment_words",
    "length_words",
    "moment_words",
    "rules_words",
    "short_hash",
    "state_words",
    "zone_words",
]
