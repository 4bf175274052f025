"""Whether Discord has the commands of this version: what people can type depends on it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from cogs.interactions.acknowledging import LOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import discord
    from discord import app_commands

log = logging.getLogger(__name__)

_FRESH_SECONDS: Final = 60.0


async def are_registered(client: discord.Client, tree: app_commands.CommandTree[Any]) -> bool:
    """Ask Discord whether it has a command of each name; their options are not compared.

    Raises:
        discord.HTTPException: Discord does not say.
        aiohttp.ClientError: Likewise, or it cannot be reached.
    """
    known = await client.http.get_global_commands(client.application_id or 0)
    wanted = {(it.to_dict(tree)["type"], it.name) for it in tree.get_commands()}
    return wanted <= {(it["type"], it["name"]) for it in known}


class RegisteredCommands:
    """Asks Discord at most once a minute, however often moderators look, and syncs what lacks.

    Args:
        client: Asks.
        tree: Has the commands.
        sync: Sends Discord all of them.
    """

    def __init__(
        self,
        client: discord.Client,
        tree: app_commands.CommandTree[Any],
        sync: Callable[[], Awaitable[None]],
    ) -> None:
        self._client = client
        self._tree = tree
        self._sync = sync
        self._asked_at = -_FRESH_SECONDS
        self._answer: bool | None = None

    async def are_current(self) -> bool | None:
        """Ask; `False` where some lacked and were synced just now, `None` if Discord is silent."""
        if time.monotonic() - self._asked_at >= _FRESH_SECONDS:
            self._asked_at = time.monotonic()
            try:
                self._answer = await self._ask()
            except LOST as error:
                log.warning("Discord did not say which commands it has: %r", error)
                self._answer = None
        return self._answer

    async def _ask(self) -> bool:
        if await are_registered(self._client, self._tree):
            return True
        await self._sync()
        log.warning("Discord lacked commands of this bot; they were synced again.")
        return False
