"""What each model takes and costs, as data."""
