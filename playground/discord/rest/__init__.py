"""The endpoints of Discord's REST API."""
