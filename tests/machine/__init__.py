"""Everything that may happen to a participant, in any order, and what holds after each of it."""
