"""What belongs to the owner of the bot alone: which guilds may use it."""
