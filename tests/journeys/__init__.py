"""Whole journeys: files with hand-computed answers, lived through on the real services."""
