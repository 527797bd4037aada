"""What an inspector tries: one file for each requirement, named by its number."""
