"""The kinds of rule: one file a kind, each answering a Finding; only loading knows them all."""
