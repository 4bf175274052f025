"""What exists in the stand-in: guilds, channels, roles, people, messages, and its clock."""
