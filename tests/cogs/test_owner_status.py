"""What `/owner status` says beside what the bot itself can bring about in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.owner.owner_service import OwnerStatus
from bot.quota.allowances import Ceiling
from cogs.owner.status import status_lines
from tests.bot.rows import NOON

if TYPE_CHECKING:
    from cogs.owner.guild_lookup import DiscordGuildLookup


class Lookup:
    def guild_text(self, guild_id: int) -> str:
        return f"'**x**' (id {guild_id})"


def test_a_provider_that_takes_no_orders_is_named_with_what_helps() -> None:
    status = OwnerStatus(
        ceiling=Ceiling(None),
        setting=None,
        used=0,
        renews_at=NOON,
        used_by_guild={7: 200_000},
        open_jobs={},
        doubts=0,
        doubtful=0,
        pause=None,
        running_since=None,
        stopped=(("comfy-proxy", "credit"),),
    )
    text = "\n".join(status_lines(status, cast("DiscordGuildLookup", Lookup())))
    assert "comfy\\-proxy takes no orders: your account there has no credit left" in text
    assert "There is no ceiling" in text
    assert "'\\*\\*x\\*\\*' \\(id 7\\)" in text
