"""A week in minutes: a bot in use all day, and what happens to one in a week."""
