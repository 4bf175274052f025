"""Every kind of place: clips shown in it or refused before they are paid, and moderators in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import Limit
from playground.discord import Channel, ChannelKind, ClientRefusal, Overwrite, Permission
from playground.faults import Fault
from tests.e2e.clips_play import morgan, read
from tests.reviewing import answer

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House

Make = Callable[["House"], Channel]
HIDDEN = "___hidden___"


def everyone(channel: Channel, **overwrite: Permission) -> Channel:
    """Change what everyone may do in a channel."""
    channel.overwrites[channel.guild.everyone.id] = Overwrite("role", **overwrite)
    return channel


def bot_lacks(channel: Channel, house: House, right: Permission) -> Channel:
    house.discord.remove_bot_permissions(channel, right)
    return channel


def made(house: House, kind: ChannelKind = ChannelKind.TEXT, **more: Any) -> Channel:
    return house.discord.add_channel("place", kind=kind, **more)


def thread(house: House, *members: Member, channel: Channel | None = None, **more: Any) -> Channel:
    return house.discord.add_thread("t", channel or made(house), house.mia, *members, **more)


def changed(house: House, thread: Channel, **state: bool) -> Channel:
    house.discord.set_thread(thread, **state)
    return thread


def bot(house: House) -> Member:
    return house.discord.world.guild.members[house.discord.world.bot.id]


def post(house: House) -> Channel:
    """A post whose first message is deleted, as its author or a moderator may."""
    post = house.discord.add_post(house.mia, made(house, ChannelKind.FORUM), "idea", "like this?")
    house.discord.delete_message(post.messages[post.id])
    return post


def slow(house: House) -> Channel:
    channel = made(house)
    house.discord.set_slowmode(channel, 21_600)
    house.discord.say(house.mia, channel, "hello")
    return channel


def categorised(house: House) -> Channel:
    """A channel that takes from its category that only members write there, and the bot."""
    category = everyone(made(house, ChannelKind.CATEGORY), deny=Permission.SEND_MESSAGES)
    for role in ("Member", "Moderator", house.discord.world.bot.username):
        allow = Overwrite("role", allow=Permission.SEND_MESSAGES)
        category.overwrites[category.guild.role(role).id] = allow
    return made(house, parent=category)


def only_threads(house: House) -> Channel:
    """A thread in a channel in which nobody writes but in threads."""
    return thread(house, channel=everyone(made(house), deny=Permission.SEND_MESSAGES))


SHOWN: dict[str, Make] = {
    "thread": thread,
    "thread in a channel that nobody writes in": only_threads,
    "archived thread": lambda house: changed(house, thread(house), archived=True),
    "private thread": lambda house: thread(house, morgan(house), bot(house), is_private=True),
    "private archived thread": lambda house: changed(
        house, thread(house, morgan(house), bot(house), is_private=True), archived=True
    ),
    "announcements": lambda house: made(house, ChannelKind.ANNOUNCEMENT),
    "thread of an announcement": lambda house: thread(
        house, channel=made(house, ChannelKind.ANNOUNCEMENT)
    ),
    "forum post": post,
    "voice": lambda house: made(house, ChannelKind.VOICE),
    "voice to which the bot may not connect": lambda house: bot_lacks(
        made(house, ChannelKind.VOICE), house, Permission.CONNECT
    ),
    "stage": lambda house: made(house, ChannelKind.STAGE),
    "age-restricted": lambda house: made(house, nsfw=True),
    "slow mode": slow,
    "channel of a category": categorised,
}
GROUPS = [list(SHOWN)[start::3] for start in range(3)]


async def clip_in(house: House, place: Channel) -> Message:
    """A clip that is finished when the interaction's token is dead already."""
    house.pika.behaviour.render_seconds = math.inf
    interaction = await house.animate(channel=place)
    await house.told(interaction.original, "Rendering")
    house.discord.expire_interaction(interaction)
    house.pika.behaviour.render_seconds = 0
    message = await house.delivered(interaction)
    await house.settled()
    return message


@pytest.mark.parametrize("places", GROUPS, ids=" | ".join)
async def test_a_clip_is_shown_and_moderated_in(house: House, places: list[str]) -> None:
    house.overrides["default_limit"] = Limit.parse("50 clips a day")
    async with house.bot():
        for number, name in enumerate(places):
            place = SHOWN[name](house)
            kept, removed = await clip_in(house, place), await clip_in(house, place)
            assert kept.channel is removed.channel is place, name
            assert [it for it in house.discord.notifications if it.message.channel is place]
            moderators = morgan(house)
            who = await house.discord.invoke_menu(moderators, place, "Who made this?", kept)
            assert house.mia.user.mention in await read(house, who), name
            asked = await house.discord.invoke(
                moderators, place, "clips remove", {"clip": str(removed.id), "refund": True}
            )
            assert "I removed clip" in await read(house, asked), name
            assert removed.deleted, name
            assert house.kinds()[5 * number :] == [
                *("reserve", "settle"),
                *("reserve", "settle", "credit"),
            ], name
            assert house.spent() == (number + 1, 200_000 * (number + 1)), name
            assert house.paid() == (2 * number + 2, 400_000 * (number + 1)), name


LACKS = "I may not post clips in this channel"
NOT_IN = "I am not in this private thread"
LOCKED = "This thread is locked"
REFUSED: dict[str, tuple[Make, str]] = {
    "hidden": (lambda house: bot_lacks(made(house), house, Permission.VIEW_CHANNEL), LACKS),
    "no files": (
        lambda house: bot_lacks(made(house), house, Permission.ATTACH_FILES),
        f"{LACKS}. Please ask a moderator to give me there: **Attach Files**. Or",
    ),
    "read-only": (
        lambda house: bot_lacks(made(house), house, Permission.SEND_MESSAGES),
        "give me there: **Send Messages**. Or",
    ),
    "read-only threads": (
        lambda house: thread(
            house, channel=bot_lacks(made(house), house, Permission.SEND_MESSAGES_IN_THREADS)
        ),
        "give me there: **Send Messages in Threads**. Or",
    ),
    "read-only posts": (
        lambda house: thread(
            house,
            channel=bot_lacks(
                made(house, ChannelKind.FORUM), house, Permission.SEND_MESSAGES_IN_THREADS
            ),
        ),
        "give me there: **Send Messages in Threads**. Or",
    ),
    "private thread": (lambda house: thread(house, is_private=True), NOT_IN),
    "private archived thread": (
        lambda house: changed(house, thread(house, is_private=True), archived=True),
        NOT_IN,
    ),
    "locked": (lambda house: changed(house, thread(house), locked=True), LOCKED),
}


async def test_where_the_bot_cannot_post_nothing_is_paid(house: House) -> None:
    async with house.bot():
        for name, (make, words) in REFUSED.items():
            place = make(house)
            # Who manages threads still asks in a locked one; other clients do not let people.
            owner = house.member("owner")
            who = owner if place.locked else house.mia
            refusal = await house.refused(await house.animate(who, channel=place), words)
            assert "Nothing was charged." in refusal.content, name
            assert house.discord.visible(place, house.mia) == [refusal][: who is house.mia], name
        assert house.kinds() == []
        assert house.pika.paid_submits == 0
        assert house.pictures() == []


async def test_where_discord_takes_no_answer_nothing_is_paid(house: House) -> None:
    """In a thread both archived and locked, from which commands may reach the bot all the same."""
    async with house.bot():
        place = changed(house, thread(house), archived=True, locked=True)
        interaction = await house.animate(house.member("owner"), channel=place)
        assert interaction.failed
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_a_mention_lets_the_bot_into_a_private_thread(house: House) -> None:
    async with house.bot():
        place = thread(house, is_private=True)
        refusal = await house.refused(await house.animate(channel=place), NOT_IN)
        mention = house.discord.world.bot.mention
        assert mention in refusal.content
        house.discord.say(house.mia, place, mention)
        await house.delivered(await house.animate(channel=place))
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_where_discord_does_not_say_the_clip_is_made(house: House) -> None:
    """Whether the bot is in an archived private thread, while Discord's API is down."""
    async with house.bot():
        place = changed(house, thread(house, bot(house), is_private=True), archived=True)
        house.discord.faults.add(Fault("discord.get_channel", "hold"))
        await house.delivered(await house.animate(channel=place))
        house.discord.faults.release("discord.get_channel")
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_who_is_timed_out_starts_nothing(house: House) -> None:
    async with house.bot():
        until = house.clock() + timedelta(hours=1)
        house.discord.time_out(house.mia, until)
        with pytest.raises(ClientRefusal):
            await house.animate()
        house.pass_time(hours=2)
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_a_hidden_channel_is_named_by_its_id_alone(house: House) -> None:
    moderator = morgan(house)
    category = made(house, ChannelKind.CATEGORY)
    places = [category, made(house, parent=category), made(house, ChannelKind.FORUM)]
    seen: list[Message] = []

    async def ask(command: str, **options: Any) -> str:
        seen.append(await house.ask(moderator, command, **options))
        return seen[-1].content

    def suggested(interaction: Interaction) -> list[str]:
        return [it["name"] for it in interaction.choices or ()]

    async with house.bot():
        panel = await house.ask(moderator, "clips settings")
        picked = await house.discord.choose(
            moderator, panel, "settings:pick:log_channel_id", [places[1]]
        )
        await answer(house, picked)
        for place in places:
            await ask("clips channels forbid", channel=place)
            house.discord.hide_from_bot(place)
        listed = await ask("clips channels list")
        typed = await house.discord.autocomplete(
            moderator, house.clips, "clips channels remove", {"channel": ""}, "channel"
        )
        for place in places:
            assert f"<#{place.id}> (deleted or hidden from me: `{place.id}`): forbidden" in listed
            assert f"deleted or hidden from me: {place.id}" in suggested(typed)
            told = await ask("clips channels allow", channel=place)
            assert place.kind is ChannelKind.CATEGORY or "I need **View Channel**" in told
        seen.append(await house.ask(moderator, "clips settings"))
        assert "deleted or hidden from me" in str(seen[-1].components)
        for command in ("clips status", "clips audit", "quota show", "usage"):
            await ask(command)
        assert not [it for it in seen if HIDDEN in f"{it.content}{it.components}{it.embeds}"]
        assert not [name for name in suggested(typed) if HIDDEN in name]
        # As soon as the bot sees it again it has its name.
        house.discord.hide_from_bot(places[1], hidden=False)
        told = await ask("clips channels forbid", channel=places[1])
        assert f"- <#{places[1].id}>: forbidden" in told


async def test_a_forum_asks_for_the_right_to_write_in_posts(house: House) -> None:
    forum = made(house, ChannelKind.FORUM)
    house.discord.remove_bot_permissions(forum, Permission.SEND_MESSAGES)
    async with house.bot():
        told = await house.ask(morgan(house), "clips channels allow", channel=forum)
        assert "I need" not in told.content
        house.discord.remove_bot_permissions(forum, Permission.SEND_MESSAGES_IN_THREADS)
        told = await house.ask(morgan(house), "clips channels allow", channel=forum)
        assert "I need **Send Messages in Threads** there" in told.content
