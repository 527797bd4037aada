"""The audit trail: what the database writes down, how it is chained, and what is found when somebody was at it."""
