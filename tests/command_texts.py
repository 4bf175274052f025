"""Command payloads in English alone, but where a test is about the other languages.

Each new house has a fresh database, so its bot sends Discord all commands. With each text in six
languages more, that would be a tenth of what the tests over sockets compute.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from discord import app_commands

if TYPE_CHECKING:
    from collections.abc import Generator

_TRANSLATE = {
    kind: kind.get_translated_payload
    for kind in (app_commands.Command, app_commands.Group, app_commands.ContextMenu)
}


def send_english_commands() -> None:
    """For all bots in this process."""
    for kind in _TRANSLATE:
        kind.get_translated_payload = _in_english  # type: ignore[assignment, method-assign] # what the name says


@contextmanager
def localised_commands() -> Generator[None, None, None]:
    """Have bots send their commands in all languages, as the real program does."""
    for kind, translate in _TRANSLATE.items():
        kind.get_translated_payload = translate  # type: ignore[method-assign] # as above
    try:
        yield
    finally:
        send_english_commands()


async def _in_english(
    command: Any, tree: app_commands.CommandTree, _translator: app_commands.Translator
) -> dict[str, Any]:
    payload: dict[str, Any] = command.to_dict(tree)
    return payload
