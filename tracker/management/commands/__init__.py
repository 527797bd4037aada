"""One command a file; each reads the clock, calls services, and prints."""
