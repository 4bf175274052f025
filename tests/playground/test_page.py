from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from playground.page_server.web import page_files
from tests.house import photo
from tests.playground.program import playground

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator
    from pathlib import Path

CLIPS = "/api/channels/clips"
NAMED = b'Content-Disposition: form-data; name="options"'
PROMPT = b'--x\r\nContent-Disposition: form-data; name="prompt"'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    with playground("--port", "0", temp=tmp_path_factory.mktemp("page")) as running:
        yield running.line().split()[4]


@pytest.fixture
async def browser(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url) as session:
        yield session


def filled_in(options: object = None, **files: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("options", json.dumps({} if options is None else options))
    for option, data in files.items():
        form.add_field(option, io.BytesIO(data), filename="photo.jpg", content_type="image/jpeg")
    return form


@asynccontextmanager
async def watching(
    browser: aiohttp.ClientSession, person: str, **more: str
) -> AsyncGenerator[AsyncIterator[dict[str, Any]], None]:
    """The frames of the websocket, as the person in #clips."""
    query = {"as": person, "channel": "clips", **more}
    async with browser.ws_connect("/api/live", params=query) as socket:

        async def frames() -> AsyncIterator[dict[str, Any]]:
            async for frame in socket:
                yield frame.json()

        yield frames()


async def changed_messages(frames: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    async for frame in frames:
        if frame["type"] == "messages":
            assert {message["id"] for message in frame["changed"]} <= set(frame["ids"])
            for message in frame["changed"]:
                yield message


async def test_the_page_needs_nothing_from_elsewhere(browser: aiohttp.ClientSession) -> None:
    assert {"/", "/main.js", "/base.css", "/samples/harbour.jpg"} <= page_files().keys()
    for path, file in page_files().items():
        async with browser.get(path) as answer:
            assert answer.status == 200
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
            if file.suffix in {".html", ".css", ".js"}:
                assert "https://" not in (await answer.text())


@pytest.mark.parametrize(
    "script", [file for file in page_files().values() if file.suffix == ".js"], ids=lambda f: f.name
)
def test_people_never_write_markup(script: Path) -> None:
    text = script.read_text()
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "srcdoc"):
        assert way not in text
    assert len(text.splitlines()) < 300


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/main.js",
        "/api/state",
        "/api/live?as=mia&channel=clips",
        f"{CLIPS}/commands/usage?as=mia",
    ],
)
async def test_only_the_page_itself_gets_an_answer(
    browser: aiohttp.ClientSession, url: str, path: str, method: str
) -> None:
    port = url.rpartition(":")[2]
    for headers in (
        {"Host": "rebound.example"},
        {"Host": f"rebound.example:{port}"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
    ):
        async with browser.request(method, path, headers=headers) as answer:
            assert answer.status == 403
    for headers in ({"Host": f"localhost:{port}"}, {"Origin": f"http://localhost:{port}"}):
        async with browser.request(method, path, headers=headers) as answer:
            assert answer.status != 403


async def test_it_tells_who_is_there_and_what_they_may_send(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/api/state") as answer:
        state = await answer.json()
    assert {"mia", "noah", "newcomer", "moderator"} <= {p["username"] for p in state["people"]}
    async with browser.get(f"{CLIPS}/commands?as=newcomer") as answer:
        commands = {command["name"]: command for command in await answer.json()}
    options = {option["name"]: option for option in commands["animate"]["options"]}
    assert options["image"]["required"]
    assert [choice["value"] for choice in options["duration"]["choices"]] == [5, 10]
    assert "usage" in commands


async def test_a_command_with_a_file_and_what_comes_of_it(browser: aiohttp.ClientSession) -> None:
    form = filled_in({"prompt": "waves", "resolution": "720p"}, image=photo())
    async with browser.post(f"{CLIPS}/commands/animate?as=noah", data=form) as answer:
        assert answer.status == 200
        interaction = (await answer.json())["interaction"]
    async with watching(browser, "mia") as frames:
        async for status in changed_messages(frames):
            metadata = status.get("interaction_metadata")
            if metadata and metadata["id"] == interaction and "Accepted" in status["content"]:
                assert "> waves" in status["content"]
                assert status["interaction"]["user"]["username"] == "noah"
                return
    pytest.fail("the stream of frames ended")


async def test_ephemeral_answers_are_their_viewers_alone(browser: aiohttp.ClientSession) -> None:
    async with browser.post(f"{CLIPS}/commands/usage?as=moderator", data=filled_in()) as answer:
        assert answer.status == 200
    async with watching(browser, "moderator") as frames:
        async for message in changed_messages(frames):
            if "5 of 5 clips" in message["content"]:
                break
        else:
            pytest.fail("the stream of frames ended")
    async with browser.post(f"{CLIPS}/messages/{message['id']}/dismiss?as=newcomer", json={}) as no:
        assert no.status == 422
    async with browser.get(f"{CLIPS}/messages?as=newcomer") as answer:
        assert not any("5 of 5 clips" in message["content"] for message in await answer.json())


@pytest.mark.parametrize(
    ("name", "form", "status", "sentence"),
    [
        ("animate", filled_in(), 422, "The option “image” is required."),
        ("animate", filled_in({"seed": -1}, image=b"x"), 422, "must be between 0 and"),
        ("animate", filled_in({"image": "text"}), 422, "does not fit the option “image”"),
        ("animate", filled_in(image=bytes(11 << 20)), 422, "The upload limit was exceeded."),
        ("dance", filled_in(), 422, "There is no command “dance”."),
        ("usage", filled_in(["a list"]), 400, "must be a JSON object"),
        ("usage", {"options": "{}"}, 400, "Send a multipart form"),
        ("usage", None, 400, "Send a multipart form"),
        ("usage", b"no part", 400, "The form is incomplete or malformed."),
        ("usage", b"--x\r\n" + NAMED + b"\r\n\r\n{}", 400, "The form is incomplete or malformed."),
        ("usage", b"--x\r\n\r\n{}\r\n--x--", 400, "Every part of the form needs a name"),
        ("usage", PROMPT + b"\r\n\r\nwaves\r\n--x--", 400, "“prompt” has no file name"),
    ],
)
async def test_what_cannot_be_sent_is_refused_in_a_sentence(
    browser: aiohttp.ClientSession, name: str, form: Any, status: int, sentence: str
) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"} if isinstance(form, bytes) else None
    async with browser.post(f"{CLIPS}/commands/{name}?as=mia", data=form, headers=kind) as answer:
        assert answer.status == status
        assert sentence in (await answer.json())["error"]


@pytest.mark.parametrize("path", [f"{CLIPS}/messages?as=nobody", f"{CLIPS}/messages",
                                  "/api/channels/none/messages?as=mia"])  # fmt: skip
async def test_nobody_and_nowhere_are_not_found(browser: aiohttp.ClientSession, path: str) -> None:
    async with browser.get(path) as answer:
        assert answer.status == 404
        assert "error" in await answer.json()


async def test_a_dismissed_message_is_gone_from_sight(browser: aiohttp.ClientSession) -> None:
    async with browser.post(f"{CLIPS}/commands/usage?as=owner", data=filled_in()) as answer:
        assert answer.status == 200
    async with browser.get(f"{CLIPS}/messages?as=owner") as answer:
        last = (await answer.json())[-1]["id"]
    async with browser.post(f"{CLIPS}/messages/{last}/dismiss?as=owner", json={}) as answer:
        assert answer.status == 200
    async with browser.get(f"{CLIPS}/messages?as=owner") as answer:
        assert last not in [message["id"] for message in await answer.json()]
