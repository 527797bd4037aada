"""Replay: journeys with hand-computed answers, told through the real services to a database of their own."""
