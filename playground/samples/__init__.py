"""Pictures to try the bot with, drawn by `python -m playground.samples`."""
