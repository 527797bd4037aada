"""Remembers what happened to each participant, and tells the people who must know."""
