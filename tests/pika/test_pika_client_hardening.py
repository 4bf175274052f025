"""Answers that nobody foresaw, and promises kept to the letter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pika import (
    BadInputError,
    BadPictureError,
    ConfigurationError,
    Done,
    InDoubtError,
    KeyReusedError,
    Order,
    Pika,
    PikaError,
    Shot,
    Ticket,
    TimedOutError,
    UnavailableError,
    UnexpectedReplyError,
)
from pika.reply import LONGEST_RETRY_AFTER, parse_retry_after
from pika.transport import origin_of
from tests.pika.raw_server import JOB, SUBMIT, UPLOADS, RawServer
from tests.pika.samples import KEY, shot

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pika.fake_clock import FakeClock

TICKET = Ticket(provider="pika", id="media_1")
ORDER = Order(provider="pika", path=SUBMIT, body={"image": "https://a.example/b.jpg"})
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    ["²", "٣", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", f"Wed, 21 Oct {'9' * 23} 07:28:00 GMT"],
)
def test_an_absurd_pause_is_bounded_or_none(value: str) -> None:
    assert (parse_retry_after(value, NOW) or 0) <= LONGEST_RETRY_AFTER


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_pause(value: str) -> None:
    assert 0 <= (parse_retry_after(value, NOW) or 0) <= LONGEST_RETRY_AFTER


async def test_json_nested_without_end_is_in_doubt_and_no_crash(
    client: Pika, server: RawServer
) -> None:
    server.says(SUBMIT, b"[" * 500_000)
    with pytest.raises(InDoubtError):
        await client.submit(ORDER, "k1")


@pytest.mark.parametrize("ident", ["x" * 501, "\ud800"])
async def test_an_id_that_makes_no_ticket_is_in_doubt(
    client: Pika, server: RawServer, ident: str
) -> None:
    server.says(SUBMIT, {"id": ident, "status": "queued"})
    with pytest.raises(InDoubtError):
        await client.submit(ORDER, "k1")


@pytest.mark.parametrize("start", ["//", "https://", "http://"])
async def test_a_stored_order_cannot_send_the_key_elsewhere(
    client: Pika, other_origin: RawServer, start: str
) -> None:
    host = other_origin.origin.removeprefix("http://")
    with pytest.raises((ValidationError, ConfigurationError)):
        await client.submit(Order(provider="pika", path=f"{start}{host}/x", body={}), "k1")
    assert not other_origin.seen


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (500, "internal", InDoubtError),
        (502, "provider_error", InDoubtError),
        (504, "provider_timeout", InDoubtError),
        (504, "timed_out", InDoubtError),
        (503, "provider_unavailable", UnavailableError),
        (413, "invalid_input", BadPictureError),
        (415, "invalid_input", BadPictureError),
    ],
)
async def test_a_code_without_a_job_is_no_failed_job(
    client: Pika, server: RawServer, status: int, code: str, kind: type[PikaError]
) -> None:
    server.says(SUBMIT, {"error": {"code": code, "message": "m"}}, status=status)
    with pytest.raises(PikaError) as caught:
        await client.submit(ORDER, "k1")
    assert type(caught.value) is kind
    assert caught.value.code == code


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_upload_that_fails_over_there_is_worth_repeating(
    client: Pika, server: RawServer, status: int
) -> None:
    server.says(UPLOADS, {"error": {"code": "internal", "message": "m"}}, status=status)
    with pytest.raises(UnavailableError):
        await client.prepare(shot())


@pytest.mark.parametrize(
    "body", [b"<html>", b"", [], "text", {}, {"status": None}, {"status": 7}], ids=repr
)
async def test_a_200_that_is_no_job_is_an_error_of_the_check(
    client: Pika, server: RawServer, body: object
) -> None:
    server.says(JOB, body)
    with pytest.raises(UnexpectedReplyError):
        await client.check(TICKET)


async def test_true_is_no_charge(client: Pika, server: RawServer) -> None:
    billing = {"state": "settled", "charge_micro_usd": True}
    server.says(
        JOB,
        {"status": "completed", "output": {"video": {"url": "https://a/b"}}, "billing": billing},
    )
    assert await client.check(TICKET) == Done("https://a/b", None)


@pytest.mark.parametrize("status", [200, 302, 429, 500, 503])
async def test_a_key_that_was_not_checked_is_not_called_good(
    client: Pika, server: RawServer, status: int
) -> None:
    server.says("*", b"<html>", status=status)
    with pytest.raises(PikaError):
        await client.verify()


async def test_the_pause_of_a_failed_check_is_kept(
    client: Pika, server: RawServer, clock: FakeClock, tmp_path: Path, caplog: Any
) -> None:
    server.says(SUBMIT, {"id": "media_1", "status": "queued"})
    server.says(JOB, {"message": "slow down"}, status=429, headers={"Retry-After": "30"})
    with pytest.raises(TimedOutError):
        await client.animate(shot(picture="https://a.example/b"), tmp_path / "c.mp4", deadline=90)
    assert clock.slept[0] == 30.0
    assert "RateLimitedError" in caplog.text


async def test_a_long_pause_does_not_outlast_the_deadline(
    client: Pika, server: RawServer, clock: FakeClock, tmp_path: Path
) -> None:
    server.says(SUBMIT, {"id": "media_1", "status": "queued"})
    server.says(JOB, {"status": "queued"}, headers={"Retry-After": "3000"})
    with pytest.raises(TimedOutError):
        await client.animate(shot(picture="https://a.example/b"), tmp_path / "c.mp4", deadline=60)
    assert clock.now <= 60


def test_a_shot_survives_json() -> None:
    wanted = shot(prompt="waves")
    assert Shot.model_validate_json(wanted.model_dump_json()) == wanted


async def test_a_signed_address_is_used_as_it_was_given(
    client: Pika, server: RawServer, other_origin: RawServer, tmp_path: Path
) -> None:
    target = "/put%2Fx?sig=a%2Fb%2Bc%3D%7E&x=%20"
    place = {"upload_url": other_origin.origin + target, "url": "https://a/b", "headers": {}}
    server.says(UPLOADS, place)
    other_origin.says("*", b"video")
    await client.prepare(shot())
    await client.download(TICKET, Done(other_origin.origin + target), tmp_path / "c.mp4")
    server.redirects("/r", other_origin.origin + target)
    await client.download(TICKET, Done(f"{server.origin}/r"), tmp_path / "c.mp4")
    assert [seen.target for seen in other_origin.seen] == [target] * 3


async def test_an_address_that_is_not_written_out_is_written_out(
    client: Pika, other_origin: RawServer, tmp_path: Path
) -> None:
    other_origin.says("*", b"video")
    await client.download(TICKET, Done(f"{other_origin.origin}/ü b\r\nX: 1"), tmp_path / "c.mp4")
    assert other_origin.seen[0].target == "/%C3%BC%20bX:%201"


@pytest.mark.parametrize(
    "base", ["", "http:// h", "http://h h", "http://h\n", "http://:p@h", "http://@h"]
)
async def test_a_base_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(ConfigurationError):
        await Pika(KEY, base=base).__aenter__()


def test_the_default_port_may_be_written_out() -> None:
    assert origin_of("https://h:443") == origin_of("https://h")


async def test_the_key_goes_home_whether_the_port_is_written_out_or_not() -> None:
    async with Pika(KEY, base="https://h:443") as client:
        transport = client._provider("pika").transport
        assert transport._checked_url("https://h/v1/files/1").origin() == transport._origin


async def test_a_client_that_was_left_says_so() -> None:
    async with Pika(KEY) as client:
        pass
    with pytest.raises(ConfigurationError):
        await client.check(TICKET)


async def test_a_put_carries_no_content_type_of_our_own(
    client: Pika, server: RawServer, other_origin: RawServer
) -> None:
    place = {"upload_url": f"{other_origin.origin}/p", "url": "https://a/b", "headers": {}}
    server.says(UPLOADS, place)
    other_origin.says("*")
    await client.prepare(shot())
    assert "Content-Type" not in other_origin.seen[0].headers


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", None, 7, ["x"]])
async def test_odd_upload_headers_are_no_crash(
    client: Pika, server: RawServer, other_origin: RawServer, value: object
) -> None:
    place = {
        "upload_url": f"{other_origin.origin}/p",
        "url": "https://a/b",
        "headers": {"X-A": value},
    }
    server.says(UPLOADS, place)
    other_origin.says("*")
    with pytest.raises(UnexpectedReplyError):
        await client.prepare(shot())
    assert not other_origin.seen


@pytest.mark.parametrize("url", ["", "ftp://a/b", "data:image/png;base64,AA"])
async def test_an_upload_url_that_pika_would_refuse_ends_before_the_order(
    client: Pika, server: RawServer, other_origin: RawServer, url: str
) -> None:
    server.says(UPLOADS, {"upload_url": f"{other_origin.origin}/p", "url": url, "headers": {}})
    other_origin.says("*")
    with pytest.raises(UnexpectedReplyError):
        await client.prepare(shot())


def test_a_reused_key_may_have_been_charged() -> None:
    assert KeyReusedError.may_be_charged
    assert not KeyReusedError.retryable


async def test_an_error_in_another_shape_keeps_its_text(client: Pika, server: RawServer) -> None:
    server.says(SUBMIT, {"detail": [{"loc": ["body", "seed"], "msg": "too odd"}]}, status=422)
    with pytest.raises(BadInputError, match="too odd"):
        await client.submit(ORDER, "k1")


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "ü"])
async def test_an_idempotency_key_that_cannot_be_sent_is_refused_unsent(
    client: Pika, server: RawServer, key: str
) -> None:
    with pytest.raises(ConfigurationError):
        await client.submit(ORDER, key)
    assert not server.seen


@pytest.mark.parametrize(
    "url", ["https://h/a b", "https://h\n", "https://h/\n", "https://?x", "https://#x"]
)
def test_an_address_has_a_host_and_no_space(url: str) -> None:
    with pytest.raises(ValidationError):
        shot(picture=url)
