"""`/quota`: the moderators' hand on the purse."""
