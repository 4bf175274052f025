"""What the stories of `/clips` share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House

CANCELLED = "A moderator cancelled this clip"


def morgan(house: House) -> Member:
    return house.member("moderator")


async def clips(house: House, command: str, **options: Any) -> str:
    """What the moderator reads of a command of the group."""
    return (await house.ask(morgan(house), f"clips {command}", **options)).content


async def on_message(
    house: House, name: str, target: Message, member: Member | None = None
) -> Interaction:
    """A command from the menu of a message, acknowledged."""
    who = member or morgan(house)
    return await house.discord.invoke_menu(who, house.clips, name, target)


async def read(house: House, interaction: Interaction) -> str:
    """What the person reads of the answer, alone."""
    message = interaction.original
    assert message is not None, "no answer"
    await house.discord.wait_for(lambda: not message.loading)
    assert message.viewer is interaction.member.user
    return message.content


async def rendering(house: House, **options: Any) -> Interaction:
    """A clip that Pika holds."""
    interaction = await house.animate(**options)
    await house.told(interaction.original, "sent")
    return interaction


async def until_pika(house: House, operation: str) -> None:
    """Wait until the bot has asked Pika this."""
    async with asyncio.timeout(60):
        while not any(it.operation == operation for it in house.pika.exchanges):
            await asyncio.sleep(0.02)


def audit(house: House) -> list[tuple[Any, ...]]:
    return house.query(
        "SELECT action, subject_kind, subject_id, actor_id, reason FROM audit ORDER BY id"
    )
