"""The demo: one study, one site, one account a role, six participants at different points relative to now."""
