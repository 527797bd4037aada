"""What the protocol asks: plain Python, without Django, a clock or a database."""
