"""The knobs and what is behind the scenes, with the real bot."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio

from playground.demo.page_demo import listen
from playground.page_server.knobs import QUEUE_SECONDS, RENDER_SECONDS
from playground.page_server.web import serve_page
from playground.stack.stack import LocalStack, open_stack
from tests.house import photo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

CLIPS = "/api/channels/clips"


# Stand-ins, page and tests share a loop, so that a test can make the stand-in Pika quick.
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Playing(NamedTuple):
    stack: LocalStack
    url: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing() -> AsyncIterator[Playing]:
    async with open_stack() as stack:
        with listen(0) as listening:
            async with serve_page(stack, listening) as url:
                yield Playing(stack, url)


@pytest.fixture
def stack(playing: Playing) -> LocalStack:
    return playing.stack


@pytest_asyncio.fixture(loop_scope="module")
async def browser(playing: Playing) -> AsyncIterator[aiohttp.ClientSession]:
    be_quick(playing.stack)
    async with aiohttp.ClientSession(playing.url) as session:
        yield session


def be_quick(stack: LocalStack) -> None:
    stack.pika.behaviour.queue_seconds = stack.pika.behaviour.render_seconds = 0
    stack.pika.behaviour.result = "canned"


async def turn(browser: aiohttp.ClientSession, **knobs: str) -> dict[str, str]:
    async with browser.post("/api/knobs", json=knobs) as answer:
        assert answer.status == 200
        return {knob["name"]: knob["position"] for knob in (await answer.json())["knobs"]}


async def act(browser: aiohttp.ClientSession, name: str) -> Any:
    async with browser.post(f"/api/acts/{name}", json={}) as answer:
        assert answer.status == 200
        return await answer.json()


async def send(browser: aiohttp.ClientSession, name: str, person: str) -> int:
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("options", json.dumps({"resolution": "720p"} if name == "animate" else {}))
    if name == "animate":
        form.add_field("image", io.BytesIO(photo()), filename="photo.jpg")
    async with browser.post(f"{CLIPS}/commands/{name}?as={person}", data=form) as answer:
        return answer.status


async def frame(
    browser: aiohttp.ClientSession, wanted: Callable[[dict[str, Any]], bool], **query: str
) -> dict[str, Any]:
    """The first frame of the websocket of which that is true."""
    place = {"as": "mia", "channel": "clips"} | query
    async with browser.ws_connect("/api/live", params=place) as socket:
        async for message in socket:
            found: dict[str, Any] = message.json()
            if wanted(found):
                return found
    raise AssertionError("the stream of frames ended")


def connected(found: dict[str, Any]) -> bool:
    up = {"running": True, "connected": True}
    return found["type"] == "state" and bool(found["state"]["bot"] == up)


def says(text: str) -> Callable[[dict[str, Any]], bool]:
    return lambda found: (
        found["type"] == "messages" and any(text in m["content"] for m in found["changed"])
    )


async def test_moderators_commands_are_shown_to_everyone(browser: aiohttp.ClientSession) -> None:
    async def names() -> set[str]:
        async with browser.get(f"{CLIPS}/commands?as=mia") as answer:
            return {command["name"] for command in await answer.json()}

    assert "quota" not in await names()
    await turn(browser, commands_shown="everyone")
    assert {"quota", "animate"} <= await names()
    await turn(browser, commands_shown="moderators")
    assert "quota" not in await names()


def states(found: dict[str, Any]) -> list[str]:
    """Of the bot's jobs, the latest first; empty for a frame about something else."""
    return [job["state"] for job in found["books"]["jobs"]] if found["type"] == "behind" else []


def job_is(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda found: states(found)[:1] == [state]


async def test_a_bot_that_is_killed_while_pika_renders_carries_on(
    stack: LocalStack, browser: aiohttp.ClientSession
) -> None:
    await turn(browser, pika_pace="stuck")
    assert await send(browser, "animate", "mia") == 200
    await frame(browser, job_is("rendering"), behind="1")
    await act(browser, "kill_bot")
    await frame(browser, connected)
    await turn(browser, pika_pace="normal")
    behaviour = stack.pika.behaviour
    assert (behaviour.queue_seconds, behaviour.render_seconds) == (QUEUE_SECONDS, RENDER_SECONDS)
    be_quick(stack)
    await frame(browser, says("AI-generated"))
    scenes = await frame(browser, job_is("delivered"), behind="1")
    (job,) = scenes["books"]["jobs"]
    entries = [entry for entry in scenes["books"]["ledger"] if entry["job_id"] == job["id"]]
    assert [entry["kind"] for entry in entries] == ["settle", "reserve"]
    (rendered,) = scenes["pika"]["jobs"]
    assert (rendered["status"], rendered["charge_micro_usd"]) == ("completed", 200_000)


async def test_a_bot_that_is_stopped_answers_again_once_it_is_started(
    stack: LocalStack, browser: aiohttp.ClientSession
) -> None:
    await act(browser, "stop_bot")
    before = len(stack.discord.interactions)
    sending = asyncio.create_task(send(browser, "usage", "noah"))
    await stack.discord.wait_for(lambda: len(stack.discord.interactions) > before)
    stack.discord.clock.advance(3)
    assert await sending == 504
    async with browser.get("/api/state") as answer:
        assert (await answer.json())["bot"] == {"running": False, "connected": False}
    await act(browser, "start_bot")
    await frame(browser, connected)
    assert await send(browser, "usage", "noah") == 200
    await act(browser, "restart_bot")
    await frame(browser, connected)


async def test_a_refusing_pika_costs_nothing(browser: aiohttp.ClientSession) -> None:
    before = states(await frame(browser, lambda found: found["type"] == "behind", behind="1"))
    knob, position, works = "pika_outcome", "moderates", "works"
    assert (await turn(browser, **{knob: position}))[knob] == position
    assert await send(browser, "animate", "newcomer") == 200
    after = ["notified", *before]
    scenes = await frame(browser, lambda found: states(found) == after, behind="1")
    job = scenes["books"]["jobs"][0]
    assert job["failure"]
    kinds = [e["kind"] for e in scenes["books"]["ledger"] if e["job_id"] == job["id"]]
    assert kinds == ["refund", "reserve"]
    assert (await turn(browser, **{knob: works}))[knob] == works


async def test_without_credit_a_clip_waits_until_there_is_some(
    stack: LocalStack, browser: aiohttp.ClientSession
) -> None:
    before = states(await frame(browser, lambda found: found["type"] == "behind", behind="1"))
    await turn(browser, pika_credit="none")
    assert await send(browser, "animate", "newcomer") == 200
    await stack.discord.wait_for(
        lambda: any(
            it.operation == "pika.submit" and (it.status or 0) >= 400 for it in stack.pika.exchanges
        )
    )
    await turn(browser, pika_credit="enough")
    # A start asks at once whether orders are taken again.
    await act(browser, "restart_bot")
    after = ["delivered", *before]
    scenes = await frame(browser, lambda found: states(found) == after, behind="1")
    job = scenes["books"]["jobs"][0]
    kinds = [e["kind"] for e in scenes["books"]["ledger"] if e["job_id"] == job["id"]]
    assert kinds == ["settle", "reserve"]


async def test_what_passes_is_shown_with_its_secrets_masked(browser: aiohttp.ClientSession) -> None:
    assert await send(browser, "usage", "mia") == 200
    async with browser.get("/api/behind") as answer:
        passed = (await answer.json())["passed"]
    callback = next(e for e in reversed(passed) if e["name"] == "callback")
    assert (callback["method"], callback["status"]) == ("POST", 200)
    assert callback["path"].endswith("/***/callback")
    event = next(e for e in reversed(passed) if e["name"] == "INTERACTION_CREATE")
    async with browser.get(f"/api/behind/{event['number']}") as answer:
        whole = (await answer.json())["json"]
    assert whole["data"]["name"] == "usage"
    assert whole["token"] == "***"  # what is hidden must not be shown
    async with browser.get("/api/behind/999999") as answer:
        assert answer.status == 404


async def test_knobs_that_do_not_exist(browser: aiohttp.ClientSession) -> None:
    for path, body in (
        ("/api/knobs", {"pika_pace": "backwards"}),
        ("/api/knobs", {"volume": "11"}),
        ("/api/acts/dance", {}),
        ("/api/acts/advance_century", {}),
    ):
        async with browser.post(path, json=body) as answer:
            assert answer.status == 404
            assert "error" in await answer.json()


async def test_time_passes(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/api/state") as answer:
        before = (await answer.json())["knobs"]["seconds_ahead"]
    await act(browser, "advance_minute")
    after = (await act(browser, "advance_token"))["seconds_ahead"]
    # Both are rounded.
    assert after - before == pytest.approx(17 * 60, abs=1)


async def test_a_session_is_forgotten(stack: LocalStack, browser: aiohttp.ClientSession) -> None:
    # The last one, as discord.py waits for five seconds before it identifies again.
    assert stack.discord.gateway.sessions
    await act(browser, "forget_session")
    assert not stack.discord.gateway.sessions
    async with browser.get("/api/state") as answer:
        assert (await answer.json())["bot"] == {"running": True, "connected": False}
