"""A person at Discord's own client."""
