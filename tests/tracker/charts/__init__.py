"""The timeline of a journey, without a database: what stands on it, and where."""
