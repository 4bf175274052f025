"""`/clips`: moderators act on clips, members, words, channels and settings."""
