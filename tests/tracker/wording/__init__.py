"""The wording of findings; no database."""
