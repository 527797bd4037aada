"""How the tables came to be, one named step after another."""
