"""Every part of a message through the page's API, with a bot that has them all."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from playground.discord import DiscordStandIn
from playground.page_server.web import serve_page
from playground.pika import PikaStandIn
from playground.stack.bot_process import BotProcess
from playground.stack.stack import LocalStack
from playground.stack.temporary_folder import TemporaryFolder
from tests.playground.showcase_bot import ShowcaseBot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

CLIPS = "/api/channels/clips"


class Page:
    """The API as the page uses it, as one person in #clips."""

    def __init__(self, session: aiohttp.ClientSession, stack: LocalStack, bot: ShowcaseBot) -> None:
        self._session = session
        self.stack = stack
        self.bot = bot

    async def get(self, path: str) -> Any:
        async with self._session.get(path) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, body: object = None, *, who: str = "mia") -> tuple[int, Any]:
        async with self._session.post(f"{path}?as={who}", json=body or {}) as answer:
            return answer.status, await answer.json()

    async def form(
        self,
        path: str,
        values: object,
        files: Mapping[str, list[str]] | None = None,
        *,
        who: str = "mia",
    ) -> tuple[int, Any]:
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        form.add_field("options", json.dumps(values))
        for name, filenames in (files or {}).items():
            for filename in filenames:
                form.add_field(name, io.BytesIO(b"data"), filename=filename)
        async with self._session.post(f"{path}?as={who}", data=form) as answer:
            return answer.status, await answer.json()

    async def command(self, name: str, values: object = None) -> Any:
        status, answer = await self.form(f"{CLIPS}/commands/{name}", values or {})
        assert status == 200
        return answer

    async def last(self, who: str = "mia") -> dict[str, Any]:
        found: dict[str, Any] = (await self.get(f"{CLIPS}/messages?as={who}"))[-1]
        return found


@pytest.fixture
async def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Page]:
    async with DiscordStandIn() as discord, PikaStandIn() as pika:
        monkeypatch.setattr(Route, "BASE", discord.api_base)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
        bot = ShowcaseBot()
        running = asyncio.create_task(bot.start(discord.token))
        await discord.wait_ready(60)
        await bot.wait_until_ready()
        stack = LocalStack(
            discord,
            pika,
            BotProcess({}, TemporaryFolder(tmp_path, 0), verbose=False),
            tmp_path / "none",
        )
        with socket.create_server(("127.0.0.1", 0)) as listening:
            async with serve_page(stack, listening) as url, aiohttp.ClientSession(url) as session:
                yield Page(session, stack, bot)
        await bot.close()
        await running


async def test_buttons_and_menus(page: Page) -> None:
    await page.command("show buttons")
    message = (await page.last())["id"]
    status, _ = await page.post(f"{CLIPS}/messages/{message}/press", {"custom_id": "danger"})
    assert status == 200
    assert (await page.last())["content"] == "danger []"
    noah = str(page.stack.discord.world.guild.member("noah").id)
    for custom_id, values, heard in (
        ("size", ["4k", "720p"], ["4k", "720p"]),
        ("who", [noah], ["noah"]),
        ("where", [str(page.stack.discord.world.guild.channel("general").id)], ["general"]),
    ):
        body = {"custom_id": custom_id, "values": values}
        status, _ = await page.post(f"{CLIPS}/messages/{message}/choose", body)
        assert (status, page.bot.heard[-1]) == (200, (custom_id, heard))


@pytest.mark.parametrize(
    ("action", "body", "sentence"),
    [
        ("press", {"custom_id": "off"}, "This is disabled."),
        ("press", {"custom_id": "none"}, "There is no such button or menu on the message."),
        ("choose", {"custom_id": "size", "values": ["8k"]}, "That is not in the menu."),
        ("choose", {"custom_id": "size", "values": []}, "Too few or too many were chosen."),
    ],
)
async def test_what_cannot_be_done_is_refused(
    page: Page, action: str, body: object, sentence: str
) -> None:
    await page.command("show buttons")
    message = (await page.last())["id"]
    status, answer = await page.post(f"{CLIPS}/messages/{message}/{action}", body)
    assert (status, answer["error"]) == (422, sentence)


async def test_a_form_is_filled_in_by_whom_it_was_shown_to(page: Page) -> None:
    await page.command("show buttons")
    message = (await page.last())["id"]
    _, asked = await page.post(f"{CLIPS}/messages/{message}/press", {"custom_id": "form"})
    modal, path = asked["modal"], f"/api/modals/{asked['interaction']}"
    assert modal["title"] == "A form"
    reason, _, span, proof = [
        (part.get("component") or part["components"][0])["custom_id"]
        for part in modal["components"]
    ]
    values = {reason: "spam", span: ["day"]}
    assert (await page.form(path, values, who="noah"))[0] == 404
    status, answer = await page.form(path, {span: ["day"]})
    assert (status, answer["error"]) == (422, "“Reason” is required.")
    assert (await page.form(path, values, {proof: ["a.png"]}))[0] == 200
    assert page.bot.heard[-1] == ("filled", "spam", ["day"], ["a.png"])
    assert (await page.last())["content"] == "because spam"
    assert (await page.last("noah"))["content"] != "because spam"


async def test_everything_to_tick_and_to_choose_in_a_form(page: Page) -> None:
    asked = await page.command("show settings")
    path = f"/api/modals/{asked['interaction']}"
    log = str(page.stack.discord.world.guild.channel("mod-log").id)
    values = {"log": [log], "pace": "fair", "days": ["Mo", "We"], "sure": True}
    status, answer = await page.form(path, values)
    assert (status, answer["error"]) == (422, "That is not in the menu.")
    clips = str(page.stack.discord.world.guild.channel("clips").id)
    assert (await page.form(path, values | {"log": [clips]}))[0] == 200
    assert page.bot.heard[-1] == (["clips"], "fair", ["Mo", "We"], True)
    asked = await page.command("show settings")
    path = f"/api/modals/{asked['interaction']}"
    status, answer = await page.form(path, {"days": ["Mo"]})
    assert (status, answer["error"]) == (422, "“Pace” is required.")
    assert (await page.form(path, {"log": [], "pace": "fast", "days": ["Tu"]}))[0] == 200
    assert page.bot.heard[-1] == ([], "fast", ["Tu"], False)


async def test_a_private_report_with_picture_table_and_button(page: Page) -> None:
    await page.command("show report")
    message = await page.last()
    chart, table = message["attachments"]
    assert message["embeds"][0]["image"]["url"].split("?")[0] == chart["url"].split("?")[0]
    assert (await page.get(f"{CLIPS}/messages?as=noah")) == []
    async with aiohttp.ClientSession() as session:
        async with session.get(table["url"]) as answer:
            disposition = answer.headers["Content-Disposition"]
            assert (await answer.text()).startswith("member,clips")
        async with session.get(chart["url"]) as answer:
            assert "Content-Disposition" not in answer.headers
    assert disposition == 'attachment; filename="report.csv"'
    path = f"{CLIPS}/messages/{message['id']}/press"
    assert (await page.post(path, {"custom_id": "close"}))[0] == 200
    await page.stack.discord.wait_for(lambda: page.stack.discord.interactions[-1].followups)
    closed, told = await page.get(f"{CLIPS}/messages?as=mia")
    assert (closed["content"], closed["components"]) == ("closed", [])
    assert len(closed["attachments"]) == 2
    # What it answers stays hidden from all others.
    assert told["referenced_message"]["content"] == "closed"
    (told,) = await page.get(f"{CLIPS}/messages?as=noah")
    assert (told["content"], told["referenced_message"]) == ("for all to read", None)


async def test_a_command_in_a_group_of_a_group(page: Page) -> None:
    await page.command("show deep add", {"word": "raid"})
    assert page.bot.heard[-1] == ("add", "raid")
    assert (await page.form(f"{CLIPS}/commands/show deep", {}))[0] == 422


async def test_who_is_gone_is_named_by_an_id(page: Page) -> None:
    world = page.stack.discord.world
    noah = world.guild.member("noah")
    page.stack.discord.remove_member(noah)
    values = {"amount": 3, "unit": "usd"}
    # The library itself refuses what is neither member nor role.
    for who in (str(noah.id), "123456789012345678"):
        await page.form(f"{CLIPS}/commands/show options", values | {"who": who})
        sent = [e for e in page.stack.discord.gateway.log.events if e.name == "INTERACTION_CREATE"]
        data: Any = sent[-1].data
        assert data["data"]["options"][0]["options"][-1]["value"] == who
        resolved = data["data"].get("resolved", {})
        assert list(resolved) == (["users"] if who == str(noah.id) else [])


async def test_the_menus_of_messages_and_people(page: Page) -> None:
    _, said = await page.form(f"{CLIPS}/messages", {"content": "hello"}, who="noah")
    pick = f"{CLIPS}/menus/Who made this%3F"
    status, _ = await page.post(pick, {"message": said["message"]})
    assert (status, page.bot.heard[-1]) == (200, ("who", int(said["message"])))
    for person in ("noah", str(page.stack.discord.world.guild.member("noah").id)):
        status, answer = await page.post(f"{CLIPS}/menus/Block", {"person": person})
        assert (status, page.bot.heard[-1]) == (200, ("block", "noah"))
        assert answer["modal"]["title"] == "A form"
    assert (await page.post(pick, {"message": "1"}))[0] == 404
    assert (await page.post(f"{CLIPS}/menus/Block", {"person": "nobody"}))[0] == 404


async def test_options_of_every_kind(page: Page) -> None:
    guild = page.stack.discord.world.guild
    role = str(guild.role("Member").id)
    values = {
        "amount": 3,
        "unit": "usd",
        "who": role,
        "where": str(guild.channel("general").id),
        "role": role,
        "share": 0.5,
        "hidden": True,
        "job": "JOB 7",
    }
    await page.command("show options", values)
    assert page.bot.heard[-1] == (3, "usd", "Member", "general", "Member", 0.5, True, "JOB 7")
    status, answer = await page.form(f"{CLIPS}/commands/show options", values | {"role": "7"})
    assert (status, answer["error"]) == (422, "“7” does not fit the option “role”.")


async def test_suggestions_while_typing(page: Page) -> None:
    path = f"{CLIPS}/commands/show options/suggestions"
    status, answer = await page.post(path, {"options": {"job": "2"}, "focused": "job"})
    assert status == 200
    assert answer["choices"][0] == {"name": "job 2", "value": "JOB 2"}
    assert (await page.post(path, {"focused": "unit"}))[0] == 422


async def test_a_bot_that_is_silent(page: Page) -> None:
    await page.command("show buttons")
    message = (await page.last())["id"]
    discord = page.stack.discord
    before = len(discord.interactions)
    asking = asyncio.gather(
        page.post(f"{CLIPS}/messages/{message}/press", {"custom_id": "silence"}),
        page.form(f"{CLIPS}/commands/show silence", {}),
    )
    await discord.wait_for(lambda: len(discord.interactions) == before + 2)
    discord.clock.advance(3)
    press, command = await asking
    assert press == (504, {"error": "This interaction failed."})
    assert command == (504, {"error": "The application did not respond."})


async def test_plain_messages_with_files_and_replies(page: Page) -> None:
    path = f"{CLIPS}/messages"
    _, first = await page.form(path, {"content": "look"}, {"files": ["a.png", "b.png"]})
    assert [file["filename"] for file in (await page.last())["attachments"]] == ["a.png", "b.png"]
    values = {"content": "nice", "reply_to": first["message"]}
    assert (await page.form(path, values, who="noah"))[0] == 200
    assert (await page.last())["referenced_message"]["content"] == "look"
    state = await page.get("/api/state")
    (mia,) = [person for person in state["people"] if person["username"] == "mia"]
    clips = str(page.stack.discord.world.guild.channel("clips").id)
    assert mia["channels"][clips] == {"unread": True, "pings": 1, "may_send": True}
    status, answer = await page.form(path, {"content": ""})
    assert (status, answer["error"]) == (422, "Cannot send an empty message")
    status, answer = await page.form(path, {"content": "x" * 2001})
    assert (status, answer["error"]) == (422, "Must be 2000 or fewer in length.")


async def test_roles_are_given_and_taken(page: Page) -> None:
    guild = page.stack.discord.world.guild
    moderator = str(guild.role("Moderator").id)
    status, state = await page.post("/api/people/newcomer", {"roles": [moderator], "locale": "de"})
    (newcomer,) = [person for person in state["people"] if person["username"] == "newcomer"]
    assert status == 200
    assert (newcomer["roles"], newcomer["locale"]) == ([moderator], "de")
    assert str(guild.channel("mods").id) in newcomer["channels"]
    assert (await page.post("/api/people/newcomer", {"roles": ["1"]}))[0] == 404
    assert (await page.post("/api/people/nobody", {"roles": []}))[0] == 404
