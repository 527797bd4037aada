"""Copies: a participant's record, or a study's, carried away whole, proven by itself, and read back as it was."""
