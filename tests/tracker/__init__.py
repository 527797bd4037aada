"""The rows, the services and the ways in."""
