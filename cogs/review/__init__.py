"""Clips that moderators see first: command, message with buttons, presses."""
