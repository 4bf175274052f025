"""Moderators who look at clips first, as the tests play them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.decided import decide

if TYPE_CHECKING:
    from playground.discord import Channel, Interaction, Member, Message
    from tests.house import House


def board(house: House) -> Channel:
    return house.discord.world.guild.channel("mod-review")


def questions(channel: Channel) -> list[Message]:
    return [message for message in channel.messages.values() if not message.deleted]


def buttons(message: Message) -> dict[str, str]:
    """The custom ids by label."""
    return {
        button["label"]: button["custom_id"]
        for row in message.components
        for button in row["components"]
    }


async def press(house: House, who: str, label: str, message: Message | None = None) -> Interaction:
    message = message or questions(board(house))[0]
    return await house.discord.press(house.member(who), message, buttons(message)[label])


async def answer(house: House, interaction: Interaction) -> str:
    """What the presser alone reads."""

    def told() -> list[Message]:
        said = [*interaction.followups, interaction.original]
        return [m for m in said if m is not None and m.viewer is interaction.member.user]

    (message,) = await house.discord.wait_for(told)
    return message.content


async def asked(house: House, channel: Channel | None = None) -> Message:
    """The question in the moderators' channel, with its video."""
    where = channel or board(house)
    await house.discord.wait_for(lambda: questions(where))
    return questions(where)[-1]


async def review(house: House, mode: str, **options: Any) -> str:
    """`/clips review`; what its user alone reads."""
    moderator = house.member("moderator")
    return (await house.ask(moderator, "clips review", mode=mode, **options)).content


async def everyone_is_reviewed(house: House) -> None:
    await decide(house, review="everyone", review_channel_id=board(house).id)


async def waiting(house: House, member: Member | None = None, **options: object) -> Interaction:
    """A request whose clip waits for a moderator."""
    interaction = await house.animate(member, **options)
    await house.told(interaction.original, "Waiting for a moderator")
    await asked(house)
    await house.until("SELECT 1 FROM reviews")
    return interaction


def deeds(house: House) -> list[tuple[str, str, int]]:
    return [
        (action, scope, actor)
        for action, scope, actor in house.query("SELECT action, subject_kind, actor_id FROM audit")
    ]
