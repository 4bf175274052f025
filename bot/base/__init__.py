"""What every room needs and nothing of the product: clock, database, timeouts, base errors."""
