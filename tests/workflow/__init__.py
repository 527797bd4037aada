"""What the protocol asks: no database, milliseconds."""
