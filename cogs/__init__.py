"""Discord's side of the bot: commands, messages, and every sentence that people read."""
