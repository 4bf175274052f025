"""The owner's side of Discord: who owns the application, its guilds, and the commands `/owner`."""
