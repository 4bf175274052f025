import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from playground.faults import Exchange, Fault, Faults, with_faults, with_record

ANSWER = {"made": "x" * 40}


@dataclass
class Shop:
    """One operation "shop.buy" behind faults and record; remembers what it performed."""

    http: aiohttp.ClientSession
    faults: Faults = field(default_factory=Faults)
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=3))
    performed: int = 0
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return await with_record(self.exchanges, "shop.buy", request, self.disturbed)

    async def disturbed(self, request: web.Request) -> web.StreamResponse:
        return await with_faults(self.faults, "shop.buy", request, self.perform)

    async def perform(self, request: web.Request) -> web.StreamResponse:
        self.performed += 1
        if "raise" in request.query:
            raise web.HTTPGone(text='{"sold": "out"}', content_type="application/json")
        return web.json_response(ANSWER)

    async def buy(self, **options: Any) -> tuple[int, bytes]:
        async with self.http.post(self.url, **options) as response:
            return response.status, await response.read()


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with aiohttp.ClientSession() as http:
        shop = Shop(http)
        app = web.Application()
        app.router.add_post("/buy", shop.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}/buy"
        yield shop
        await runner.cleanup()


async def test_a_delay_waits_then_performs(shop: Shop) -> None:
    shop.faults.add(Fault("shop.buy", "delay", seconds=0.15))
    began = asyncio.get_running_loop().time()
    assert (await shop.buy())[0] == 200
    assert asyncio.get_running_loop().time() - began >= 0.15
    assert shop.performed == 1


async def test_what_is_held_up_is_performed_once_it_is_released(shop: Shop) -> None:
    shop.faults.add(Fault("shop.buy", "hold", times=2))
    shop.faults.add(Fault("shop.buy", "reply"))
    first = asyncio.create_task(shop.buy())
    await shop.faults.wait_taken("shop.buy")
    shop.faults.release("shop.sell")
    assert shop.performed == 0
    shop.faults.release("shop.buy")
    assert (await first)[0] == 200
    assert (await shop.buy())[0] == 503, "the second is not held up any more"
    shop.faults.add(Fault("shop.buy", "hold"))
    second = asyncio.create_task(shop.buy())
    await shop.faults.wait_taken("shop.buy", 3)
    assert shop.performed == 1, "an earlier release lets nothing go that is held up later"
    shop.faults.release("shop.buy")
    assert (await second)[0] == 200
    assert shop.performed == 2


@pytest.mark.parametrize(
    ("body", "sent"), [({"no": 1}, b'{"no": 1}'), (b"<html>", b"<html>"), (None, b"")]
)
async def test_a_reply_answers_without_performing(shop: Shop, body: object, sent: bytes) -> None:
    shop.faults.add(Fault("shop.buy", "reply", status=429, headers={"Retry-After": "7"}, body=body))
    async with shop.http.post(shop.url) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert await response.read() == sent
    assert shop.performed == 0


async def test_a_hang_answers_nothing_until_the_client_goes(shop: Shop) -> None:
    shop.faults.add(Fault("shop.buy", "hang"))
    waiting = asyncio.create_task(shop.buy())
    await shop.faults.wait_taken("shop.buy")
    # Whoever comes after is served, whole: this one would have been answered by now.
    for _ in range(3):
        assert (await shop.buy())[0] == 200
    assert not waiting.done()
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    assert shop.performed == 3


@pytest.mark.parametrize(("kind", "performed"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_drop_closes_without_an_answer(shop: Shop, kind: Any, performed: int) -> None:
    shop.faults.add(Fault("shop.buy", kind))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await shop.buy()
    assert shop.performed == performed
    assert shop.exchanges[0].status is None
    assert (await shop.buy())[0] == 200


async def test_an_answer_of_its_own_may_follow_what_was_performed(shop: Shop) -> None:
    shop.faults.add(Fault("shop.buy", "reply_after", status=502, body={"message": "too slow"}))
    assert await shop.buy() == (502, b'{"message": "too slow"}')
    assert shop.performed == 1


async def test_half_a_body_is_cut_after_its_full_length_was_promised(shop: Shop) -> None:
    shop.faults.add(Fault("shop.buy", "half_body"))
    async with shop.http.post(shop.url) as response:
        assert response.status == 200
        promised = int(response.headers["Content-Length"])
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert promised == len('{"made": ""}') + 40
    assert shop.performed == 1


@pytest.mark.parametrize("kind", ["drop_after", "half_body"])
async def test_a_raised_refusal_is_lost_like_any_answer(shop: Shop, kind: Any) -> None:
    shop.faults.add(Fault("shop.buy", kind))
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError)):
        await shop.buy(params={"raise": "1"})
    assert shop.performed == 1


async def test_only_an_answer_in_memory_can_be_halved(shop: Shop) -> None:
    async def stream(_request: web.Request) -> web.StreamResponse:
        return web.StreamResponse()

    request: Any = None
    shop.faults.add(Fault("shop.buy", "half_body"))
    with pytest.raises(TypeError):
        await with_faults(shop.faults, "shop.buy", request, stream)


def test_faults_are_taken_in_order_as_often_as_they_say() -> None:
    faults = Faults()
    twice = Fault("a", "hang", times=2)
    always = Fault("a", "delay", times=None)
    other = Fault("b", "reply")
    for fault in (twice, always, other):
        faults.add(fault)
    assert [faults.take("a") for _ in range(5)] == [twice, twice, always, always, always]
    assert [faults.take("b"), faults.take("b"), faults.take("c")] == [other, None, None]


def test_clear_forgets_one_operation_or_all() -> None:
    faults = Faults()
    for operation in ("a", "b", "c"):
        faults.add(Fault(operation, "hang"))
    faults.clear("a")
    assert faults.take("a") is None
    assert faults.take("b") is not None
    faults.clear()
    assert faults.take("c") is None


@pytest.mark.parametrize("wrong", [{"times": 0}, {"times": -1}, {"seconds": -0.1}])
def test_impossible_faults_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Fault("a", "hang", **wrong)


async def test_an_exchange_keeps_what_passed_and_masks_secrets(shop: Shop) -> None:
    secrets = {"X-API-Key": "key-1", "Authorization": "Bot token-1"}
    await shop.buy(json={"n": 1}, headers=secrets, params={"wait": "true"})
    (exchange,) = shop.exchanges
    assert (exchange.operation, exchange.method, exchange.path) == ("shop.buy", "POST", "/buy")
    assert exchange.query == {"wait": "true"}
    assert (exchange.request_json, exchange.request_bytes) == ({"n": 1}, len('{"n": 1}'))
    assert (exchange.status, exchange.response_json) == (200, ANSWER)
    assert exchange.request_headers["X-API-Key"] == "***"
    assert "key-1" not in repr(exchange)
    assert "token-1" not in repr(exchange)


async def test_an_exchange_keeps_only_the_size_of_what_is_big_or_no_json(shop: Shop) -> None:
    await shop.buy(json=["x" * 300_000])
    await shop.buy(data=b"\0" * 1000)
    await shop.buy(data=b"{broken", headers={"Content-Type": "application/json"})
    assert [exchange.request_json for exchange in shop.exchanges] == [None, None, None]
    assert [exchange.request_bytes for exchange in shop.exchanges] == [300_004, 1000, 7]


async def test_exchanges_are_bounded_and_include_raised_answers(shop: Shop) -> None:
    for _ in range(4):
        await shop.buy()
    assert (await shop.buy(params={"raise": "1"}))[0] == 410
    assert [exchange.status for exchange in shop.exchanges] == [200, 200, 410]
    assert shop.exchanges[-1].response_json == {"sold": "out"}
