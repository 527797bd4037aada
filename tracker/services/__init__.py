"""What the product does: one transaction a function, every one with the participant's row locked."""
