"""Every documented error of the queues and the proxy: which error it is, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

import pika as p
from pika import Failed, PikaError
from tests.pika.wire_job import WireJob, detail, on_wires

FAL_MODEL = [
    ("content_policy_violation", 422, p.ModeratedError),
    ("no_media_generated", 422, p.BadInputError),
    ("image_too_small", 422, p.BadPictureError),
    ("image_too_large", 422, p.BadPictureError),
    ("image_load_error", 422, p.BadPictureError),
    ("file_download_error", 422, p.BadPictureError),
    ("file_too_large", 422, p.BadPictureError),
    ("unsupported_image_format", 422, p.BadPictureError),
    ("face_detection_error", 422, p.BadPictureError),
    ("one_of", 422, p.BadInputError),
    ("greater_than", 422, p.BadInputError),
    ("feature_not_supported", 422, p.BadInputError),
    ("generation_timeout", 504, p.TimedOutError),
    ("downstream_service_error", 400, p.RenderError),
    ("downstream_service_unavailable", 500, p.RenderError),
    ("internal_server_error", 500, p.RenderError),
]
FAL_REQUEST = [
    ("request_timeout", 504, p.TimedOutError),
    ("startup_timeout", 504, p.TimedOutError),
    ("runner_scheduling_failure", 503, p.RenderError),
    ("runner_connection_timeout", 503, p.RenderError),
    ("runner_disconnected", 503, p.RenderError),
    ("runner_connection_refused", 503, p.RenderError),
    ("runner_connection_error", 503, p.RenderError),
    ("runner_incomplete_response", 502, p.RenderError),
    ("runner_server_error", 500, p.RenderError),
    ("client_disconnected", 499, p.RenderError),
    ("client_cancelled", 499, p.CancelledError),
    ("bad_request", 400, p.BadInputError),
    ("internal_error", 500, p.RenderError),
]
# Bucket, status, at submit, as the end of a job in its status, at the result (None: ask again).
COMFY: list[tuple[str, int, type[PikaError], type[PikaError], type[PikaError] | None]] = [
    ("invalid_input", 422, p.BadInputError, p.BadInputError, p.BadInputError),
    ("content_policy_violation", 422, p.ModeratedError, p.ModeratedError, p.ModeratedError),
    ("provider_error", 502, p.InDoubtError, p.RenderError, p.RenderError),
    ("provider_timeout", 504, p.InDoubtError, p.TimedOutError, p.TimedOutError),
    ("insufficient_credits", 402, p.NoCreditError, p.NoCreditError, p.NoCreditError),
    ("model_not_found", 404, p.BadInputError, p.BadInputError, None),
    ("unauthorized", 401, p.BadKeyError, p.BadKeyError, None),
    ("forbidden", 403, p.BadKeyError, p.BadKeyError, None),
    ("concurrency_limit_exceeded", 429, p.RateLimitedError, p.RenderError, None),
    ("client_disconnected", 499, p.InDoubtError, p.RenderError, None),
    ("internal_error", 500, p.InDoubtError, p.RenderError, None),
    ("deadline_exceeded", 504, p.InDoubtError, p.TimedOutError, None),
    ("not_enabled", 403, p.BadKeyError, p.BadKeyError, None),
    ("service_unavailable", 503, p.UnavailableError, p.RenderError, None),
    ("rate_limited", 429, p.RateLimitedError, p.RenderError, None),
    ("cancelled", 409, p.InDoubtError, p.CancelledError, p.CancelledError),
    ("queue_timeout", 504, p.InDoubtError, p.TimedOutError, p.TimedOutError),
    ("request_not_found", 404, p.UnknownJobError, p.RenderError, None),
    ("queue_backlog_full", 429, p.RateLimitedError, p.RenderError, None),
]
PROXY = [
    (400, p.BadInputError),
    (401, p.BadKeyError),
    (402, p.NoCreditError),
    (403, p.BadKeyError),
    (404, p.UnknownJobError),
    (408, p.InDoubtError),
    (409, p.KeyReusedError),
    (413, p.BadPictureError),
    (415, p.BadPictureError),
    (422, p.BadInputError),
    (429, p.RateLimitedError),
    (500, p.InDoubtError),
    (502, p.InDoubtError),
    (503, p.InDoubtError),
    (504, p.InDoubtError),
]


@on_wires("fal")
@pytest.mark.parametrize(("kind", "code", "error"), FAL_MODEL)
async def test_a_model_of_fal_fails(
    wire_job: WireJob, kind: str, code: int, error: type[PikaError]
) -> None:
    told = await wire_job.failed(detail(kind), code=code, headers={"X-Fal-Request-Id": "q1"})
    assert (type(told), told.code, told.http_status) == (error, kind, code)
    assert (told.request_id, "why" in told.detail) == ("q1", True)
    told = await wire_job.failed({}, status={"error": "why", "error_type": kind}, code=500)
    assert type(told) is (error if kind in _fal_types() else p.RenderError)
    assert (told.code, told.detail) == (kind, "why")


def _fal_types() -> set[str]:
    told_by_type = (p.ModeratedError, p.BadPictureError, p.TimedOutError)
    return {kind for kind, _, error in FAL_MODEL if error in told_by_type}


@on_wires("fal")
@pytest.mark.parametrize(("kind", "code", "error"), FAL_REQUEST)
async def test_a_request_to_fal_fails(
    wire_job: WireJob, kind: str, code: int, error: type[PikaError]
) -> None:
    body, header = {"detail": "why", "error_type": kind}, {"X-Fal-Error-Type": kind}
    for result in ({"result": body}, {"result": b"<html>", "headers": header}):
        told = await wire_job.failed(**result, code=code)
        assert (type(told), told.code) == (error, kind)
    told = await wire_job.failed({"detail": "gone"}, status=body | {"error": "why"}, code=404)
    assert (type(told), told.code) == (error, kind)


@on_wires("fal")
@pytest.mark.parametrize(("kind", "code", "error"), FAL_MODEL + FAL_REQUEST)
async def test_fal_refuses_an_order(
    wire_job: WireJob, kind: str, code: int, error: type[PikaError]
) -> None:
    body = detail(kind) if code == 422 else {"detail": "why", "error_type": kind}
    told = await wire_job.submitted(body=body, status=code, headers={"Retry-After": "3"})
    final = kind == "bad_request" or code == 422
    doubtful = not final and kind != "downstream_service_error"
    expected = p.InDoubtError if doubtful else error
    assert type(told) is (p.BadInputError if kind == "downstream_service_error" else expected)
    assert (told.code, told.retry_after) == (kind, 3.0)
    assert told.may_be_charged is doubtful


@on_wires("fal")
@pytest.mark.parametrize(
    ("code", "text", "error"),
    [
        (401, "Invalid key", p.BadKeyError),
        (403, "Forbidden", p.BadKeyError),
        (403, "User is locked. Reason: Exhausted balance.", p.NoCreditError),
        (402, "Pay first", p.NoCreditError),
        (404, "Application not found", p.UnknownJobError),
        (413, "Too large", p.BadPictureError),
        (429, "Too many", p.RateLimitedError),
        (500, "Oops", p.InDoubtError),
        (502, "Oops", p.InDoubtError),
    ],
)
async def test_fal_refuses_without_a_type(
    wire_job: WireJob, code: int, text: str, error: type[PikaError]
) -> None:
    told = await wire_job.submitted(body={"detail": text}, status=code)
    assert (type(told), told.detail, told.http_status) == (error, text, code)


@on_wires("fal")
async def test_fals_limit_of_jobs_at_once_is_worth_waiting_for(wire_job: WireJob) -> None:
    body = {"detail": "full", "error_type": "concurrent_requests_limit"}
    assert type(await wire_job.submitted(body=body, status=429)) is p.RateLimitedError


@on_wires("comfy")
@pytest.mark.parametrize(("bucket", "code", "refusal", "failure", "result"), COMFY)
async def test_a_bucket_of_the_router(
    wire_job: WireJob,
    bucket: str,
    code: int,
    refusal: type[PikaError],
    failure: type[PikaError],
    result: type[PikaError] | None,
) -> None:
    header = {"X-Comfy-Error-Type": bucket, "X-Comfy-Request-Id": "q1", "Retry-After": "3"}
    body = {"detail": "why", "error_type": bucket, "upstream_detail": {"a": 1}}
    for told in (
        await wire_job.submitted(body=body, status=code, headers=header),
        await wire_job.submitted(body={"detail": [{"msg": "why"}]}, status=code, headers=header),
    ):
        assert (type(told), told.code, told.detail) == (refusal, bucket, "why")
        assert (told.http_status, told.request_id, told.retry_after) == (code, "q1", 3.0)
    told = await wire_job.failed(b"<html>", status={"error_type": bucket}, code=500)
    assert (type(told), told.code) == (failure, bucket)
    if result is not None:
        told = await wire_job.failed(body, code=code, headers=header)
        assert (type(told), told.detail) == (result, "why")
    else:
        await wire_job.refused(body, code=code, headers=header)


@on_wires("comfy")
async def test_an_unknown_bucket_is_an_internal_error(wire_job: WireJob) -> None:
    header = {"X-Comfy-Error-Type": "brand_new"}
    assert type(await wire_job.submitted(status=500, headers=header)) is p.InDoubtError
    told = await wire_job.failed(b"", status={"error_type": "brand_new"}, code=500)
    assert (type(told), told.code) == (p.RenderError, "brand_new")


@on_wires("comfy")
@pytest.mark.parametrize(
    ("code", "error"), [(409, p.CancelledError), (410, p.NoVideoError), (422, p.BadInputError)]
)
async def test_a_result_of_the_router_ends_a_job_by_its_status(
    wire_job: WireJob, code: int, error: type[PikaError]
) -> None:
    assert type(await wire_job.failed({"detail": "why"}, code=code)) is error
    assert type(await wire_job.failed(detail("missing"), code=code)) is error


@on_wires("comfy-proxy")
@pytest.mark.parametrize(("code", "error"), PROXY)
async def test_the_proxy_refuses(wire_job: WireJob, code: int, error: type[PikaError]) -> None:
    header = {"X-Request-ID": "q1", "Retry-After": "3"}
    for body in (detail("missing"), {"message": "why"}):
        told = await wire_job.submitted(body=body, status=code, headers=header)
        assert (type(told), told.http_status) == (error, code)
        assert "why" in told.detail
        assert (told.request_id, told.retry_after) == ("q1", 3.0)


@on_wires("comfy-proxy")
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"status": "failed", "why": "who knows"}, p.RenderError),
        ({"status": "cancelled"}, p.CancelledError),
    ],
)
async def test_a_video_of_the_proxy_fails(
    wire_job: WireJob, body: dict[str, Any], error: type[PikaError]
) -> None:
    wire_job.server.says("*", {"id": "r1", **body})
    status = await wire_job.pika.check(wire_job.ticket)
    assert isinstance(status, Failed)
    assert type(status.error) is error
