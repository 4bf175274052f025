"""Tokens in the shape of Discord's: some libraries read an id out of them."""

import secrets
from base64 import urlsafe_b64encode


def bot_token(application_id: int) -> str:
    """The secret of a bot: its id, a time and a signature."""
    return f"{_encoded(str(application_id))}.{secrets.token_hex(3)}.{secrets.token_hex(19)}"


def interaction_token(interaction_id: int) -> str:
    """The secret by which an interaction is answered."""
    return _encoded(f"interaction:{interaction_id}:{secrets.token_hex(48)}")


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")
