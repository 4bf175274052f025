"""The websocket on which a bot is told what happens."""
