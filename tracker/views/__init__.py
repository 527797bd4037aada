"""The addresses outside the admin: what a process manager, a proxy and a collector of metrics ask."""
