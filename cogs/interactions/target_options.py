"""Options that name a person or a role, also one that has left or was deleted.

Discord's clients take a bare id where there is nobody left to pick. It then comes without
data, and the library hands it over as an `Object`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import discord
from discord import AppCommandOptionType, app_commands

from bot.quota.rules import EVERYONE, LimitTarget, Scope


@dataclass(frozen=True, slots=True)
class Person:
    """A member, present or departed.

    Attributes:
        role_ids: The roles they have now; none if they have left.
    """

    id: int
    role_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Who:
    """A person or a role.

    Attributes:
        subject: As rules name it. The role that everybody has is everyone.
        is_certain: `False` for a bare id, which may be a deleted role's or a departed
            member's; `subject` then takes it for a member's.
        role_ids: Of a member present: the roles they have now.
    """

    subject: LimitTarget
    is_certain: bool
    role_ids: frozenset[int]


class _Person(app_commands.Transformer):
    @property
    def type(self) -> AppCommandOptionType:
        """Discord's client lets one pick a user."""
        return AppCommandOptionType.user

    async def transform(self, _interaction: discord.Interaction, value: object, /) -> Person:
        return Person(_id_of(value), _roles_of(value))


class _Who(app_commands.Transformer):
    @property
    def type(self) -> AppCommandOptionType:
        """Discord's client lets one pick a user or a role."""
        return AppCommandOptionType.mentionable

    async def transform(self, interaction: discord.Interaction, value: object, /) -> Who:
        chosen = _id_of(value)
        role = isinstance(value, discord.Role) or _is_role(interaction, chosen)
        if role and chosen == interaction.guild_id:
            return Who(EVERYONE, is_certain=True, role_ids=frozenset())
        subject = LimitTarget(Scope.ROLE if role else Scope.MEMBER, chosen)
        certain = role or not isinstance(value, discord.Object)
        return Who(subject, is_certain=certain, role_ids=_roles_of(value))


MemberOption: TypeAlias = app_commands.Transform[Person, _Person]
TargetOption: TypeAlias = app_commands.Transform[Who, _Who]


def _id_of(value: object) -> int:
    if isinstance(value, discord.Member | discord.User | discord.Role | discord.Object):
        return value.id
    raise TypeError(f"{type(value).__name__} names nobody")


def _roles_of(value: object) -> frozenset[int]:
    if isinstance(value, discord.Member):
        return frozenset(role.id for role in value.roles)
    return frozenset()


def _is_role(interaction: discord.Interaction, chosen: int) -> bool:
    return interaction.guild is not None and interaction.guild.get_role(chosen) is not None
