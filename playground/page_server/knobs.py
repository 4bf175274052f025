"""The knobs of the page: how Pika and Discord misbehave, what becomes of the bot, and time."""

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from playground.discord import rate_limited
from playground.faults import Fault, Faults
from playground.json_types import Json
from playground.page_server.raid import Raid
from playground.stack.stack import LocalStack

QUEUE_SECONDS: Final = 1.0
RENDER_SECONDS: Final = 4.0
"""The least time in each of Pika's states, so that one sees them pass."""

SLOW_SECONDS: Final = 60.0
"""What a slow Pika takes to render, at least."""

_WORKS: Final = "works"
_PACES: Final[Mapping[str, tuple[float, float]]] = {
    "normal": (QUEUE_SECONDS, RENDER_SECONDS),
    "slow": (QUEUE_SECONDS, SLOW_SECONDS),
    "stuck": (QUEUE_SECONDS, math.inf),
}
_OUTCOMES: Final = {
    _WORKS: "completed",
    "moderates": "content_moderation",
    "fails": "provider_error",
}
_MIB: Final = 1024 * 1024
_LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "10 MiB": (10 * _MIB, 10 * _MIB),
    "1 MiB": (_MIB, _MIB),
    "1 MiB, says 10": (_MIB, 10 * _MIB),
    "64 KiB": (_MIB // 16, _MIB // 16),
}
_PIKA_OPERATIONS: Final = ("upload", "put", "submit", "check", "content", "file", "download")
_DISCORD_OPERATIONS: Final = (
    "followup",
    "edit_original",
    "edit_followup",
    "create_message",
    "edit_message",
)
_RETRY_SECONDS: Final = 2.0
_STEPS: Final = {"minute": 60.0, "token": 16 * 60.0, "day": 24 * 3600.0}


class UnknownKnob(ValueError):  # noqa: N818 - as a person's request, not our failure
    """There is no such knob, or it has no such position; the text is a sentence."""


class Knobs:
    """Every knob by name with its position; the positions' names are what the page shows."""

    def __init__(self, stack: LocalStack, raid: Raid) -> None:
        self._stack = stack
        self._turns: Mapping[str, tuple[tuple[str, ...], Callable[[str], None]]] = {
            "pika_pace": (tuple(_PACES), self._set_pace),
            "pika_outcome": (tuple(_OUTCOMES), self._set_outcome),
            "pika_service": ((_WORKS, "down"), self._set_service),
            "pika_credit": (("enough", "none"), self._set_credit),
            "upload_limit": (tuple(_LIMITS), self._set_limit),
            "discord_answers": ((_WORKS, "429", "500"), self._set_answers),
            "commands_shown": (("moderators", "everyone"), self._set_shown),
        }
        self._acts: Mapping[str, Callable[[], Awaitable[None]]] = {
            "restart_bot": lambda: stack.bot.restart(kill=False),
            "kill_bot": lambda: stack.bot.restart(kill=True),
            "stop_bot": stack.bot.stop,
            "start_bot": stack.bot.start,
            "drop_gateway": stack.discord.drop_gateway,
            "forget_session": lambda: stack.discord.drop_gateway(forget_sessions=True),
            "raid": raid.run,
        }
        self._positions = {name: positions[0] for name, (positions, _) in self._turns.items()}
        self._set_pace("normal")

    def state_json(self) -> Json:
        """The knobs with their positions, and how many seconds Discord's clock is ahead."""
        knobs = [
            {"name": name, "position": self._positions[name], "positions": list(positions)}
            for name, (positions, _) in self._turns.items()
        ]
        ahead = round(self._stack.discord.clock.seconds() - time.time())
        return {"knobs": knobs, "seconds_ahead": ahead}

    def turn(self, name: str, position: str) -> None:
        """Turn a knob; raises UnknownKnob."""
        positions, turn = self._turns.get(name, ((), None))
        if turn is None or position not in positions:
            raise UnknownKnob(f"There is no knob “{name}” with the position “{position}”.")
        turn(position)
        self._positions[name] = position

    async def act(self, name: str) -> None:
        """Do something once, or let Discord's clock run ahead; raises UnknownKnob."""
        step = name.removeprefix("advance_")
        if name != step and step in _STEPS:
            self._stack.discord.clock.advance(_STEPS[step])
        elif name in self._acts:
            await self._acts[name]()
        else:
            raise UnknownKnob(f"There is nothing called “{name}” to do.")

    def _set_pace(self, position: str) -> None:
        behaviour = self._stack.pika.behaviour
        behaviour.queue_seconds, behaviour.render_seconds = _PACES[position]

    def _set_outcome(self, position: str) -> None:
        self._stack.pika.behaviour.outcome = _OUTCOMES[position]

    def _set_service(self, position: str) -> None:
        faults = self._stack.pika.faults
        for operation in _operations(faults, "pika", _PIKA_OPERATIONS):
            if position == "down":
                faults.add(Fault(operation, "drop_before", None))

    def _set_credit(self, position: str) -> None:
        self._stack.pika.balance_micro_usd = 0 if position == "none" else None

    def _set_limit(self, position: str) -> None:
        discord = self._stack.discord
        discord.upload_limit, discord.advertised_upload_limit = _LIMITS[position]

    def _set_answers(self, position: str) -> None:
        faults = self._stack.discord.faults
        for operation in _operations(faults, "discord", _DISCORD_OPERATIONS):
            if position == "429":
                faults.add(rate_limited(operation, _RETRY_SECONDS, times=None))
            elif position == "500":
                faults.add(Fault(operation, "reply", None, 500, body={"message": "500", "code": 0}))

    def _set_shown(self, position: str) -> None:
        discord = self._stack.discord
        guild = discord.world.guild
        guild.command_grants.clear()
        for command in discord.commands.in_guild(guild.id):
            if position == "everyone" and command["default_member_permissions"] is not None:
                guild.command_grants[command["name"]] = {guild.everyone.id: True}


def _operations(faults: Faults, service: str, names: tuple[str, ...]) -> list[str]:
    """The operations in full, freed of the faults they had."""
    operations = [f"{service}.{name}" for name in names]
    for operation in operations:
        faults.clear(operation)
    return operations
