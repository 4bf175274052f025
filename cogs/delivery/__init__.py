"""What the bot posts by itself: a job's messages and the log channel's."""
