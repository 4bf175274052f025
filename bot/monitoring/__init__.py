"""Whether the bot works and what it does, for whoever watches it: `/healthz` and `/metrics`."""
