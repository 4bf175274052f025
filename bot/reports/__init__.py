"""Read-only: what was spent, what other rules would have made of it, when a budget ends."""
