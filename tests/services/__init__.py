"""Tests that meet the real services: PostgreSQL, Redis, and the whole program as one process."""
