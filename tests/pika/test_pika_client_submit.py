"""One submit is one POST, and its error says exactly what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from pika import (
    BadInputError,
    BadKeyError,
    BadPictureError,
    InDoubtError,
    KeyReusedError,
    ModeratedError,
    NoCreditError,
    Order,
    Pika,
    PikaError,
    RateLimitedError,
    RenderError,
    Ticket,
    TimedOutError,
    UnavailableError,
    UnknownJobError,
)
from playground.faults import Fault
from tests.pika.raw_server import SUBMIT, half_of_json, hang, unused_origin
from tests.pika.samples import KEY, shot
from tests.pika.wires import may_be_sent_again

if TYPE_CHECKING:
    from playground.pika import PikaStandIn
    from tests.pika.raw_server import RawServer

ORDER = Order(provider="pika", path=SUBMIT, body={"image": "https://a.example/b.jpg"})
HTML = b"<!doctype html><title>Bad gateway</title>"


def envelope(code: object = None, **more: object) -> dict[str, object]:
    """A job that failed at once, as the service describes it."""
    error = {"code": code, "message": f"why: {code}"}
    return {"id": "media_1", "status": "failed", "error": error, **more}


def request_error(code: str) -> dict[str, object]:
    return {"error": {"code": code, "message": f"why: {code}"}}


async def failing(client: Pika, server: RawServer) -> PikaError:
    with pytest.raises(PikaError) as caught:
        await client.submit(ORDER, "k1")
    assert [seen.method for seen in server.seen] == ["POST"]
    return caught.value


async def test_an_accepted_order_is_a_ticket(client: Pika, server: RawServer) -> None:
    server.says(SUBMIT, {"id": "media_1", "status": "queued", "new": {"field": 1}})
    assert await client.submit(ORDER, "k1") == Ticket(provider="pika", id="media_1")
    (seen,) = server.seen
    assert seen.headers["Idempotency-Key"] == "k1"
    assert seen.headers["X-API-Key"] == KEY
    assert seen.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"message": "no"}, BadInputError),
        (401, {"message": "no"}, BadKeyError),
        (403, {"message": "this key is inactive"}, BadKeyError),
        (403, envelope("insufficient_balance"), NoCreditError),
        (403, request_error("insufficient_balance"), NoCreditError),
        (403, request_error("content_moderation"), ModeratedError),
        (404, {"message": "no such model"}, UnknownJobError),
        (409, {"message": "key used"}, KeyReusedError),
        (409, HTML, KeyReusedError),
        (413, {"message": "too large"}, BadPictureError),
        (415, {"message": "no"}, BadPictureError),
        (422, request_error("invalid_input"), BadInputError),
        (422, {"detail": [{"loc": ["body", "seed"], "msg": "bad"}]}, BadInputError),
        (422, HTML, UnavailableError),
        (429, {"message": "slow down"}, RateLimitedError),
        (429, request_error("rate_limited"), RateLimitedError),
        (503, {"message": "down"}, UnavailableError),
        (503, HTML, UnavailableError),
        (503, envelope("provider_unavailable"), RenderError),
        (200, envelope("insufficient_balance"), NoCreditError),
        (200, envelope("rate_limited"), RenderError),
        (200, envelope("a_code_from_tomorrow"), RenderError),
        (200, envelope(7), RenderError),
        (200, {"status": "failed", "error": None}, RenderError),
        (200, {"status": "failed"}, RenderError),
        # What says neither yes nor no may have been accepted.
        (200, HTML, InDoubtError),
        (200, b"", InDoubtError),
        (200, [], InDoubtError),
        (200, {"status": "queued"}, InDoubtError),
        (200, {"status": "queued", "id": ""}, InDoubtError),
        (200, {"status": "queued", "id": 7}, InDoubtError),
        (204, b"", InDoubtError),
        (500, {"message": "oops"}, InDoubtError),
        (500, HTML, InDoubtError),
        (502, HTML, InDoubtError),
        (504, HTML, InDoubtError),
        (307, b"", InDoubtError),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_an_answer_becomes_the_error_that_it_is(
    client: Pika, server: RawServer, status: int, body: object, kind: type[PikaError]
) -> None:
    server.says(SUBMIT, body, status=status, headers={"X-Request-ID": "req_7"})
    error = await failing(client, server)
    assert type(error) is kind
    assert (error.http_status, error.request_id) == (status, "req_7")
    assert error.may_be_charged is (kind in {InDoubtError, KeyReusedError})
    assert error.retryable is (kind in {InDoubtError, RateLimitedError, UnavailableError})


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_input", BadInputError),
        ("content_moderation", ModeratedError),
        ("provider_error", RenderError),
        ("provider_timeout", TimedOutError),
        ("provider_unavailable", RenderError),
        ("rate_limited", RenderError),
        ("insufficient_balance", NoCreditError),
        ("membership_required", NoCreditError),
        ("cycle_limit_exceeded", NoCreditError),
        ("cycle_limit", NoCreditError),
        ("admission_suspended", BadKeyError),
        ("usage_limit_exceeded", NoCreditError),
        ("timed_out", TimedOutError),
        ("internal", RenderError),
    ],
)
@pytest.mark.parametrize("status", [200, 403, 503])
async def test_every_code_of_a_job_refused_at_once_has_its_error(
    client: Pika, server: RawServer, code: str, kind: type[PikaError], status: int
) -> None:
    server.says(SUBMIT, envelope(code), status=status, headers={"X-Request-ID": "req_7"})
    error = await failing(client, server)
    assert type(error) is kind
    assert (error.code, error.detail, error.http_status) == (code, f"why: {code}", status)
    assert error.request_id == "req_7"
    # The same key would replay the same failed job, so asking again is pointless.
    assert not error.retryable


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("told", "seconds"), [(None, None), ("17", 17.0), ("0", 0.0), ("soon", None)]
)
async def test_the_pause_that_the_provider_asks_for_is_passed_on(
    client: Pika, server: RawServer, status: int, told: str | None, seconds: float | None
) -> None:
    headers = {} if told is None else {"Retry-After": told}
    server.says(SUBMIT, {"message": "later"}, status=status, headers=headers)
    assert (await failing(client, server)).retry_after == seconds


async def test_the_pause_may_be_a_date(client: Pika, server: RawServer) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    server.says(SUBMIT, status=429, headers={"Retry-After": then})
    pause = (await failing(client, server)).retry_after
    assert pause is not None
    assert 90 < pause <= 100


async def test_nobody_listening_means_not_sent() -> None:
    async with Pika(KEY, base=unused_origin()) as client:
        with pytest.raises(UnavailableError) as caught:
            await client.submit(ORDER, "k1")
    assert caught.value.retryable
    assert not caught.value.may_be_charged
    assert caught.value.http_status is None


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [hang, half_of_json], ids=["silence", "half"])
async def test_no_whole_answer_means_in_doubt(client: Pika, server: RawServer, answer: Any) -> None:
    server.on(SUBMIT, answer)
    error = await failing(client, server)
    assert type(error) is InDoubtError
    assert error.may_be_charged


async def test_an_answer_without_end_is_cut_and_in_doubt(client: Pika, server: RawServer) -> None:
    server.says(SUBMIT, b" " * 1_048_577)
    error = await failing(client, server)
    assert type(error) is InDoubtError
    assert error.http_status == 200


async def test_the_largest_answer_allowed_is_read(client: Pika, server: RawServer) -> None:
    told = b'{"id":"media_1","status":"queued"}'
    server.says(SUBMIT, told + b" " * (1_048_576 - len(told)))
    assert (await client.submit(ORDER, "k1")).id == "media_1"


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "half_body"])
@pytest.mark.parametrize("reused", [False, True], ids=["new connection", "kept connection"])
async def test_a_lost_connection_is_never_made_good_by_a_second_post(
    pika: Pika, stand_in: PikaStandIn, kind: Any, reused: Any
) -> None:
    if reused:
        await pika.verify()
    stand_in.faults.add(Fault("pika.submit", kind))
    with pytest.raises(InDoubtError):
        await pika.submit(ORDER, "k1")
    assert stand_in.counters.requests["pika.submit"] == 1
    assert stand_in.paid_submits == (0 if kind == "drop_before" else 1)


@pytest.mark.parametrize("kind", ["drop_after", "half_body"])
async def test_the_same_key_finds_the_job_whose_answer_was_lost(
    pika: Pika, stand_in: PikaStandIn, kind: Any
) -> None:
    order = await pika.prepare(shot())
    stand_in.faults.add(Fault("pika.submit", kind))
    with pytest.raises(InDoubtError) as caught:
        await pika.submit(order, "k1")
    assert may_be_sent_again(caught.value, pika.capabilities("pika"))
    ticket = await pika.submit(order, "k1")
    assert list(stand_in.jobs) == [ticket.id]
    assert await pika.submit(order, "k1") == ticket
    assert (stand_in.paid_submits, stand_in.counters.replays) == (1, 2)
