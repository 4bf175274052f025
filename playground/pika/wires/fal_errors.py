"""How fal tells what went wrong: the errors of a model and those of a request."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from playground.pika.models.fields import FieldError

MODEL_ERRORS: Final[Mapping[str, int]] = {
    "content_policy_violation": 422,
    "no_media_generated": 422,
    "image_too_small": 422,
    "image_too_large": 422,
    "image_load_error": 422,
    "file_download_error": 422,
    "file_too_large": 422,
    "unsupported_image_format": 422,
    "face_detection_error": 422,
    "feature_not_supported": 422,
    "downstream_service_error": 400,
    "downstream_service_unavailable": 500,
    "internal_server_error": 500,
    "generation_timeout": 504,
}
"""What a model reports as a list of details, and the HTTP status of the result."""

REQUEST_ERRORS: Final[Mapping[str, int]] = {
    "request_timeout": 504,
    "startup_timeout": 504,
    "runner_scheduling_failure": 503,
    "runner_connection_timeout": 503,
    "runner_disconnected": 503,
    "runner_connection_refused": 503,
    "runner_connection_error": 503,
    "runner_incomplete_response": 502,
    "runner_server_error": 500,
    "client_disconnected": 499,
    "client_cancelled": 499,
    "bad_request": 400,
    "internal_error": 500,
    "concurrent_requests_limit": 429,
    "user_locked": 403,
}
"""What the platform reports in one sentence; `user_locked` (no credit) is a name of ours."""

_SYNONYMS: Final[Mapping[str, str]] = {
    "content_moderation": "content_policy_violation",
    "invalid_input": "image_load_error",
    "provider_error": "downstream_service_error",
    "provider_timeout": "generation_timeout",
    "provider_unavailable": "runner_disconnected",
    "rate_limited": "concurrent_requests_limit",
    "insufficient_balance": "user_locked",
    "membership_required": "user_locked",
    "cycle_limit_exceeded": "user_locked",
    "admission_suspended": "user_locked",
    "usage_limit_exceeded": "user_locked",
    "timed_out": "request_timeout",
    "internal": "internal_server_error",
    "cancelled": "client_cancelled",
}
_SERVER_ERROR: Final = 500
_IMAGE_ERRORS: Final = ("image", "file", "unsupported_image", "face")


def fal_type(code: str) -> str:
    """The type under which fal tells an error code of the behaviour; its own types are kept."""
    return _SYNONYMS.get(code, code)


def error_response(code: str) -> web.Response:
    """The answer of which an error code speaks."""
    error_type = fal_type(code)
    if error_type in REQUEST_ERRORS:
        return request_error(REQUEST_ERRORS[error_type], error_type, _words(error_type))
    status = MODEL_ERRORS[error_type]
    field = "image_url" if error_type.startswith(_IMAGE_ERRORS) else "prompt"
    return _model_error(status, field, error_type, _words(error_type))


def field_error(error: FieldError) -> web.Response:
    """The answer to a body that the model does not allow."""
    return _model_error(422, error.field, error.problem, error.text)


def request_error(status: int, error_type: str, text: str) -> web.Response:
    """A refusal by the platform itself."""
    return web.json_response(
        {"detail": text, "error_type": error_type},
        status=status,
        headers={"X-Fal-Error-Type": error_type},
    )


def _model_error(status: int, field: str, error_type: str, text: str) -> web.Response:
    detail = {
        "loc": ["body", field],
        "msg": text,
        "type": error_type,
        "url": f"https://docs.fal.ai/errors#{error_type}",
    }
    retryable = "true" if status >= _SERVER_ERROR else "false"
    return web.json_response(
        {"detail": [detail]}, status=status, headers={"X-Fal-Retryable": retryable}
    )


def _words(error_type: str) -> str:
    return error_type.replace("_", " ")
