"""Command payloads in the languages of Discord, translated once in a process of tests.

Each new house has a fresh database, so its bot sends Discord all commands, with a look-up for each
text in each of thirty languages: a fifth of what the tests over sockets would compute.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from discord import app_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Translate = Callable[..., Coroutine[Any, Any, dict[str, Any]]]

_KINDS = app_commands.Command, app_commands.Group, app_commands.ContextMenu


def remember_command_texts() -> None:
    """Have bots of this process translate each command once."""
    known: dict[str, str] = {}
    for kind in _KINDS:
        kind.get_translated_payload = _remembering(  # type: ignore[method-assign] # what the name says
            kind.get_translated_payload, known
        )


def _remembering(translate: Translate, known: dict[str, str]) -> Translate:
    """The same, but for commands that were equal in English: those have one translation."""

    async def remembered(
        command: Any, tree: app_commands.CommandTree, translator: app_commands.Translator
    ) -> dict[str, Any]:
        if getattr(command, "parent", None) is not None:
            return await translate(command, tree, translator)
        # With all below it, and the rights that decide whether names are translated.
        english = json.dumps(command.to_dict(tree))
        if english not in known:
            known[english] = json.dumps(await translate(command, tree, translator))
        payload: dict[str, Any] = json.loads(known[english])
        return payload

    return remembered
