"""Qualification: whether an installation is what was delivered, and does what it should, in one dated report."""
