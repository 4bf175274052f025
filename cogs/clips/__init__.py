"""`/clips`: the moderators' hand on the clips."""
