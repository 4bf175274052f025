"""Clips that moderators review first: the command, the questions, their buttons."""
