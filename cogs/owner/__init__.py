"""The owner's side of Discord: who owns the application, and which guilds the bot is in."""
