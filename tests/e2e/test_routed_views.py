"""Whatever has buttons, menus or fields is forgotten by discord.py as soon as it is sent."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from cogs.client import Client
from tests.e2e.clips_play import clips, on_message, read
from tests.reviewing import board, everyone_is_reviewed, press, questions, waiting

if TYPE_CHECKING:
    from collections.abc import Collection

    from playground.discord import Message
    from tests.house import House


def kept() -> Collection[Any]:
    """What discord.py keeps of the views and modals of the one bot that runs."""
    (client,) = [it for it in gc.get_objects() if isinstance(it, Client) and not it.is_closed()]
    store = client._connection._view_store
    return [*store._views.values(), *store._modals.values(), *store._synced_message_views.values()]


def ids(message: Message) -> list[str]:
    return [it["custom_id"] for row in message.components for it in row.get("components", ())]


def undecided(house: House) -> list[Message]:
    return [message for message in questions(board(house)) if ids(message)]


async def test_no_question_to_moderators_is_kept(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        for label in ("Approve", "Refuse and refund"):
            await waiting(house)
            (question,) = await house.discord.wait_for(lambda: undecided(house))
            await press(house, "helper", label, question)
            await house.settled()
        assert kept() == []


async def test_no_form_is_kept_whether_or_not_it_is_sent_in(house: House) -> None:
    async with house.bot():
        for _ in range(2):
            message = await house.delivered(await house.animate())
            await house.settled()
            given_up, form = [await on_message(house, "Remove clip", message) for _ in range(2)]
            assert given_up.modal
            assert kept() == []
            told = await read(
                house, await house.discord.submit_modal(form, {"refund": "no", "remember": "no"})
            )
            assert "I removed clip" in told
        panel = await house.ask(house.member("moderator"), "clips settings")
        form = await house.discord.press(house.member("moderator"), panel, "settings:ask:line")
        assert form.modal
        assert kept() == []


async def test_no_offer_and_no_page_of_the_audit_log_is_kept(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        for length in range(1, 13):
            await clips(house, "block", who=house.mia, **{"for": f"{length}d"})
        await clips(house, "unblock", who=house.mia)
        audit = await house.ask(moderator, "quota audit")
        await house.ask(moderator, "quota budget", amount=0.45, unit="usd", window="month")
        refusal = (await house.animate(resolution="1080p", duration=10)).original
        await house.told(refusal, "This fits now")
        assert refusal is not None
        assert ids(audit)
        assert ids(refusal)
        assert kept() == []
