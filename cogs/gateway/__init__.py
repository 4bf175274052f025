"""The gateway: the connections over which Discord sends events, and how those are read."""
