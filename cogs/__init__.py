"""The Discord surface: commands, messages, and every sentence that people read."""
