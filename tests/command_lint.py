"""Holds the commands that a bot registers against the keys that Discord knows in them.

Discord passes over a key that it does not know, so that a misspelt one fails without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.discord.rules.command_keys import unknown_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.faults import Exchange


def misspelt_keys(exchanges: Iterable[Exchange]) -> list[str]:
    """One line for each unknown key: the command's name, and where in it the key stands."""
    return [
        f"{command.get('name')}: {path}"
        for exchange in exchanges
        if exchange.operation == "discord.sync_commands"
        for command in _commands(exchange.request_json)
        for path in unknown_keys(command)
    ]


def _commands(sent: Any) -> list[dict[str, Any]]:
    return sent if isinstance(sent, list) else [sent] if sent else []
