"""What every action of a person's client needs: make an interaction, tell the bot, wait for it."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.discord.activity.interactions import (
    ACKNOWLEDGE_SECONDS,
    Interaction,
    Interactions,
    InteractionType,
)
from playground.discord.client.interaction_payloads import Resolved, interaction_json, metadata_json

if TYPE_CHECKING:
    from playground.discord.activity.cdn import Cdn
    from playground.discord.activity.commands import Commands
    from playground.discord.gateway.gateway import Gateway
    from playground.discord.state.changes import Changes
    from playground.discord.state.clock import Clock
    from playground.discord.state.entities import Channel, Member, Message
    from playground.discord.state.snowflakes import Snowflakes
    from playground.discord.state.world import World
    from playground.json_types import Json


@dataclass(slots=True)
class ClientParts:
    """The parts of the stand-in behind a client; `size_limit` (bytes) is what bots are told."""

    world: "World"
    gateway: "Gateway"
    commands: "Commands"
    interactions: Interactions
    cdn: "Cdn"
    clock: "Clock"
    snowflakes: "Snowflakes"
    changes: "Changes"
    size_limit: int

    def new_interaction(
        self,
        kind: InteractionType,
        member: "Member",
        channel: "Channel",
        *,
        name: str | None = None,
        source: "Message | None" = None,
    ) -> Interaction:
        """An interaction that nobody knows of yet."""
        number = self.snowflakes.next()
        metadata = metadata_json(number, int(kind), member, channel.guild)
        if source is not None and kind is InteractionType.COMPONENT:
            metadata["interacted_message_id"] = str(source.id)
        return Interaction(number, kind, member, channel, self.clock, metadata, name, source)

    def resolved(self, member: "Member", channel: "Channel") -> Resolved:
        """An empty collection of what the interaction will refer to."""
        return Resolved(channel, member, self.world, self.cdn)

    def send(self, interaction: Interaction, data: "Json", resolved: Resolved) -> Interaction:
        """Tell the bot; its three seconds begin. Fails at once when no bot is there."""
        if resolved.json:
            data["resolved"] = resolved.json
        self.interactions.add(interaction)
        guild = interaction.channel.guild
        payload = interaction_json(interaction, self.world, data, self.size_limit)
        interaction.payload = payload
        told = self.gateway.deliver("INTERACTION_CREATE", payload, guild)
        interaction.undelivered = not told or self.world.bot.id not in guild.members
        loop = asyncio.get_running_loop()
        loop.call_later(ACKNOWLEDGE_SECONDS, self.changes.notify)
        self.changes.notify()
        return interaction
