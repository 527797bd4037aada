"""The proof: rules without a database, services on a real one, whole journeys, pages in a browser."""
