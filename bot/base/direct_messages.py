"""Direct messages with the bot, which are in no guild."""

from __future__ import annotations

from typing import Final

DIRECT_MESSAGES: Final = 1
"""In place of a guild's id: all direct messages together. No id of Discord's is as small.

Not 0, which stands for all guilds in sums, pauses and the owner's log."""
