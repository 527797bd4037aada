"""Benchmarks: how long one evaluation takes as a record grows, and what an idle sweep costs as a study grows."""
