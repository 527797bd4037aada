"""What docs/decisions.md promises, each sentence lived through on the real database."""
