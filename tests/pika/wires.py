"""A client and the stand-in of its wire, over real sockets, for each of the four wires."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pika import (
    AdditionShot,
    EffectShot,
    FramesShot,
    Picture,
    Pika,
    Retry,
    SceneShot,
    Shot,
    SubmitAttempts,
    SwapShot,
    TextShot,
    Video,
    after_failed_submit,
)
from playground.pika import PikaStandIn, WireName
from playground.pika.video.canned import canned_clip
from tests.pika.raw_server import RawServer, raw_server
from tests.pika.samples import JPEG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pika import Capabilities, PikaError, Work
    from playground.faults import Exchange

WIRES: Final[tuple[WireName, ...]] = ("pika", "fal", "comfy", "comfy-proxy")
_OPERATIONS: Final = {
    "pika": ("pika.submit", "pika.check"),
    "fal": ("fal.submit", "fal.status"),
    "comfy": ("comfy.submit", "comfy.status"),
    "comfy-proxy": ("proxy.submit", "proxy.check"),
}
BAD_KEYS: Final = {"pika": "pk_no", "fal": "no:no", "comfy": "comfyui-no", "comfy-proxy": "no"}
PICTURE: Final = Picture(data=JPEG, media_type="image/jpeg")
URL: Final = "https://pictures.example/a.jpg"


def video() -> Video:
    return Video(data=canned_clip(64, 36, 1), media_type="video/mp4")


@dataclass
class WiredClient:
    """A client of a stand-in; `pictures` serves a picture to whoever asks."""

    pika: Pika
    stand_in: PikaStandIn
    pictures: RawServer

    @property
    def wire(self) -> WireName:
        return self.stand_in.wire

    @property
    def submit(self) -> str:
        """The operation that is paid."""
        return _OPERATIONS[self.wire][0]

    @property
    def check(self) -> str:
        """The operation that tells a job's status."""
        return _OPERATIONS[self.wire][1]

    def shot(self, **options: Any) -> Shot:
        """A shot whose picture this wire takes."""
        needs_url = self.pika.capabilities().needs_url
        options.setdefault("picture", f"{self.pictures.origin}/a.jpg" if needs_url else PICTURE)
        return Shot(**options)

    def works(self) -> list[Work]:
        """One piece of every kind of work that this wire takes, with as much as it takes."""
        words: dict[str, Any] = {"prompt": "waves", "negative_prompt": "blur", "seed": 7}
        edit = {**words, "video": video()}
        pair = (PICTURE, PICTURE)
        effect = {**words, "negative_prompt": "", "effect": "Melt", "picture": PICTURE}
        every: list[Work] = [
            self.shot(**words, resolution="720p", duration=10),
            TextShot(**words),
            FramesShot(**words, pictures=pair, duration=7),
            FramesShot(**words, pictures=(*pair, PICTURE), resolution="720p"),
            EffectShot(**effect),
            AdditionShot(**edit, picture=PICTURE),
            SwapShot(**edit, region="the sky"),
            SwapShot(**edit, mask=PICTURE, picture=PICTURE),
            SceneShot(**words, pictures=pair, mode="precise", aspect=1.5),
        ]
        if self.wire == "pika":
            every += [EffectShot(effect="Pink Hair", video=video(), seed=7)]
        if self.wire == "comfy-proxy":
            every += [TextShot(**words, aspect=0.4, duration=10)]
        if self.wire == "fal":
            every += [TextShot(**words, aspect=2 / 3, duration=10)]
        return [work for work in every if type(work) in self.pika.capabilities().works]

    def exchanges(self, operation: str) -> list[Exchange]:
        return [one for one in self.stand_in.exchanges if one.operation == operation]


def connect(stand_in: PikaStandIn, **options: Any) -> Pika:
    """A client of the stand-in, to be entered."""
    given: dict[str, Any] = {
        "provider": stand_in.wire,
        "base": stand_in.origin,
        "upload_base": stand_in.upload_origin,
        **options,
    }
    return Pika(given.pop("key", stand_in.key), **given)


@asynccontextmanager
async def open_wire(wire: WireName, **options: Any) -> AsyncIterator[WiredClient]:
    async with AsyncExitStack() as stack:
        pictures = await stack.enter_async_context(raw_server())
        pictures.says("/a.jpg", JPEG)
        stand_in = await stack.enter_async_context(PikaStandIn(wire=wire, **options))
        stand_in.behaviour.result = "canned"
        stand_in.behaviour.queue_seconds = stand_in.behaviour.render_seconds = 0
        stand_in.public_origins.add(pictures.origin)
        yield WiredClient(await stack.enter_async_context(connect(stand_in)), stand_in, pictures)


def may_be_sent_again(error: PikaError, wire: Capabilities) -> bool:
    return isinstance(after_failed_submit(error, wire, SubmitAttempts(), 0.0), Retry)


only = {wire: (wire,) for wire in WIRES}
"""For `@pytest.mark.parametrize("wired", only["fal"], indirect=True)`."""
