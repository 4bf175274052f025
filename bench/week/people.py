"""What members and moderators do in a week, as people at Discord's own client."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bench.books import Asked, JobNames
from bench.drawn_faults import REFUSED
from playground.discord import ClientRefusal, Upload
from tests.house import photo, shows_clip

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bench.places import Place
    from bench.week.plan import Act
    from playground.discord import Interaction, Member, Message
    from tests.house import House

T = TypeVar("T")

_PATIENCE: Final = 5.0
"""Seconds for which somebody looks whether there is a button, or what comes of a press."""
_ANSWER_PATIENCE: Final = 12.0
"""Likewise an answer. Longer than a database can be held: time moves on when nobody waits."""
_WORDS: Final = ("waves roll in", "the cat blinks", "leaves fall", "she turns round", "slow zoom")
_PICTURES: Final = tuple(
    Upload(f"photo{number}.jpg", photo(320 + 8 * number, 200), "image/jpeg") for number in range(12)
)
"""Each member has their own."""


class _GoneError(Exception):
    """What somebody wanted to use is not there: the bot was away, or a fault took it."""


@dataclass(slots=True, repr=False)
class People:
    """Everybody, and what they have asked for.

    Attributes:
        names: Of jobs, read before anybody has their data deleted.
        done: How often something was done to its end, by what it was.
    """

    house: House
    places: Sequence[Place]
    draw: random.Random
    names: JobNames = field(default_factory=JobNames)
    asked: list[Asked] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    async def act(self, act: Act) -> None:
        """Do it, as far as the bot and Discord let them."""
        member = self.places[act.guild].members[act.member]
        with suppress(ClientRefusal, TimeoutError, _GoneError):
            await _DOING[act.what](self, self.places[act.guild], member)
            self.done[act.what] += 1

    def expect(self, prompt: str, interaction: Interaction, member: Member) -> None:
        """Remember that a clip has to come in answer to an interaction, or a word."""
        self.asked.append(Asked(prompt, interaction, member))

    async def ask(self, place: Place, member: Member) -> Interaction:
        """Ask for a clip, and look whether it was taken on."""
        prompt = self._prompt()
        options: dict[str, Any] = {
            "image": _picture_of(place, member),
            "prompt": prompt,
            "resolution": self.draw.choice(("720p", "1080p")),
            "duration": self.draw.choice((5, 10)),
        }
        if self.draw.random() < 0.2:  # noqa: PLR2004 - one in five
            options["seed"] = self.draw.randrange(1_000_000)
        asked = await self.house.discord.invoke(member, place.channel, "animate", options)
        self.expect(prompt, asked, member)
        await self._answer(asked)
        return asked

    async def own_post(self, place: Place, member: Member) -> None:
        """Post a picture, and have it animated from its menu."""
        post = self.house.discord.say(member, place.channel, "mine", [_picture_of(place, member)])
        prompt, sent = await self._fill_in(place, member, post)
        self.expect(prompt, sent, member)
        await self._answer(sent)

    async def consent(self, place: Place, member: Member) -> None:
        """Ask for somebody else's picture, who says yes to this once."""
        owner = self.draw.choice([it for it in place.members if it is not member])
        post = self.house.discord.say(owner, place.channel, "look", [_picture_of(place, owner)])
        prompt, _ = await self._fill_in(place, member, post)
        question = await self._found(
            lambda: next(
                (it for it in _shown_in(place) if prompt in it.content and _button(it, ":once:")),
                None,
            )
        )
        pressed = await self._press(owner, question, ":once:")
        self.expect(prompt, pressed, member)
        await self._answer(pressed)

    async def again(self, place: Place, member: Member) -> None:
        """Have somebody's clip made once more."""
        clip = self._clip(place)
        pressed = await self._press(member, clip, ":again:")
        self.expect(f"again, of message {clip.id}", pressed, member)
        await self._answer(pressed)

    async def cancel(self, place: Place, member: Member) -> None:
        """Ask for a clip, and think better of it."""
        asked = await self.ask(place, member)
        pressed = await self._press(member, _first(asked), ":cancel:")
        question = _first(pressed)
        await self._press(member, question, "Cancel it")

    async def hide(self, place: Place, member: Member) -> None:
        """Hide a clip of one's own."""
        await self._press(member, self._clip(place, member), ":hide:")

    async def delete(self, place: Place, member: Member) -> None:
        """Delete a clip of one's own."""
        clip = self._clip(place, member)
        details = _first(await self._press(member, clip, ":more:"))
        await self._press(member, details, "Delete")
        for asked in self.asked:
            asked.is_deleted |= asked.interaction.original is clip
        await self._press(member, details, "Delete it")
        await self._found(lambda: clip.deleted)

    async def report(self, place: Place, member: Member) -> None:
        """Report somebody's clip."""
        details = _first(await self._press(member, self._clip(place), ":more:"))
        form = await self._press(member, details, "Report")
        await self.house.discord.submit_modal(form, {"reason": "that is me"})

    async def export_data(self, place: Place, member: Member) -> None:
        """Have one's data sent."""
        answer = await self._command(place, member, "mydata export")
        await self._found(lambda: answer.attachments)

    async def delete_data(self, place: Place, member: Member) -> None:
        """Have one's data deleted."""
        question = await self._command(place, member, "mydata delete")
        self.names.read(self.house)
        await self._press(member, question, "mydata:")

    async def look(self, place: Place, member: Member, name: str) -> None:
        """Use a command that only says something."""
        await self._command(place, member, name)

    async def moderate(self, member: Member, name: str, **options: object) -> None:
        """Have a moderator use a command, maybe about a member."""
        if "who" in options:
            options["who"] = member
        moderator = self.house.member("moderator")
        await self._command(self.places[0], moderator, name, **options)

    async def cancel_theirs(self, _place: Place, member: Member) -> None:
        """Have a moderator cancel the newest clip, a moment after it was asked for."""
        await self.ask(self.places[0], member)
        guild_id = self.places[0].channel.guild.id
        jobs = self.house.query("SELECT id, guild_id FROM jobs WHERE ended_at IS NULL ORDER BY id")
        here = [job_id for job_id, whose in jobs if whose == guild_id]
        if not here:
            raise _GoneError
        await self.moderate(member, "clips cancel", job=str(here[-1]))

    def _prompt(self) -> str:
        is_refused = self.draw.random() < 0.05  # noqa: PLR2004 - one in twenty
        words = self.draw.choice(_WORDS)
        return f"{words} no. {len(self.asked)}{f' {REFUSED}' if is_refused else ''}."

    async def _fill_in(
        self, place: Place, member: Member, post: Message
    ) -> tuple[str, Interaction]:
        """Choose a picture's menu, and send its form; the prompt, and the form's interaction."""
        discord = self.house.discord
        form = await discord.invoke_menu(member, place.channel, "Animate this picture", post)
        prompt = f"{self.draw.choice(_WORDS)} of message {post.id}"
        values = {"size": "720p", "length": "5", "prompt": prompt}
        return prompt, await discord.submit_modal(form, values)

    async def _command(self, place: Place, member: Member, name: str, **options: object) -> Message:
        asked = await self.house.discord.invoke(member, place.channel, name, options)
        await self._answer(asked)
        return _first(asked)

    async def _answer(self, asked: Interaction) -> None:
        """Wait until the bot says something, as long as anybody would."""
        await self._found(
            lambda: asked.original is None or not asked.original.loading, _ANSWER_PATIENCE
        )

    async def _press(self, member: Member, message: Message, which: str) -> Interaction:
        custom_id = await self._found(lambda: _button(message, which))
        return await self.house.discord.press(member, message, custom_id)

    async def _found(self, look: Callable[[], T | None], patience: float = _PATIENCE) -> T:
        if (found := await self.house.discord.wait_for(look, patience)) is None:
            raise _GoneError
        return found

    def _clip(self, place: Place, member: Member | None = None) -> Message:
        """A clip that is shown in a guild, of a member or of anybody."""
        shown = [
            it.interaction.original
            for it in self.asked
            if it.member.guild is place.channel.guild and member in (None, it.member)
        ]
        clips = [it for it in shown if it is not None and not it.deleted and shows_clip(it)]
        if not clips:
            raise _GoneError
        # The latest, mostly: what is older than its details cannot be made again.
        return self.draw.choice(clips[-20:])


def _picture_of(place: Place, member: Member) -> Upload:
    return _PICTURES[place.members.index(member) % len(_PICTURES)]


def _first(interaction: Interaction) -> Message:
    if interaction.original is None:
        raise _GoneError
    return interaction.original


def _shown_in(place: Place) -> list[Message]:
    return [it for it in place.channel.messages.values() if not it.deleted]


def _button(message: Message, which: str) -> str | None:
    """The custom id of the button that is called so, or in whose custom id that is."""
    for row in message.components:
        for one in row.get("components", ()):
            custom_id = str(one.get("custom_id", ""))
            fits = one.get("label") == which or which in f"{custom_id}:"
            if fits and not one.get("disabled"):
                return custom_id
    return None


_DAY: Final = {"unit": "clips", "window": "day"}
_DOING: Final[Mapping[str, Callable[[People, Place, Member], Awaitable[object]]]] = {
    "ask": People.ask,
    "own post": People.own_post,
    "consent": People.consent,
    "again": People.again,
    "cancel": People.cancel,
    "hide": People.hide,
    "delete": People.delete,
    "report": People.report,
    "export data": People.export_data,
    "delete data": People.delete_data,
    "my-clips": lambda it, place, member: it.look(place, member, "my-clips"),
    "usage": lambda it, place, member: it.look(place, member, "usage"),
    "pause": lambda it, _, member: it.moderate(member, "clips pause", **{"for": "2h"}),
    "resume": lambda it, _, member: it.moderate(member, "clips resume"),
    "block": lambda it, _, member: it.moderate(
        member, "clips block", who=None, reason="spam", **{"for": "3h"}
    ),
    "unblock": lambda it, _, member: it.moderate(member, "clips unblock", who=None),
    "limit": lambda it, _, member: it.moderate(member, "quota limit", amount=4, who=None, **_DAY),
    "cancel theirs": People.cancel_theirs,
    "status": lambda it, _, member: it.moderate(member, "clips status"),
    "audit": lambda it, _, member: it.moderate(member, "quota audit"),
}
