"""The admin's pages: who sees what, what is saved, what is refused and how that is said."""
