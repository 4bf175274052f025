"""The JSON documents of Pika's own API: a job as its envelope, and a request-level error."""

import secrets
from collections.abc import Mapping

from playground.pika.jobs.behaviour import BillingState, OutputShape
from playground.pika.jobs.job import Job


def job_document(job: Job, video_url: str) -> dict[str, object]:
    """The envelope of a job as it is now."""
    status = job.status
    completed = status == "completed"
    return {
        "id": job.id,
        "model": job.model,
        "status": status,
        "error": _job_error(job.error_code),
        "output": _output(video_url, job.output_shape) if completed else None,
        "usage": None,
        "billing": _billing(job, job.behaviour.billing_state if completed else None),
    }


def error_document(code: str, message: str) -> Mapping[str, object]:
    """A refusal of a request of which no job was made."""
    return {"error": {"code": code, "message": message}}


def _job_error(code: str | None) -> Mapping[str, str] | None:
    if code is None:
        return None
    # The real texts carry internal references too, which nobody should show to people.
    return {"code": code, "message": f"{code.replace('_', ' ')} [trace {secrets.token_hex(8)}]"}


def _output(video_url: str, shape: OutputShape) -> dict[str, object]:
    video = {"url": video_url, "content_type": "video/mp4"}
    match shape:
        case "video_url":
            return {"media_type": "video", "video": video}
        case "videos":
            return {"media_type": "video", "videos": [video]}
        case "missing":
            return {"media_type": "video"}


def _billing(job: Job, state: BillingState | None) -> dict[str, object]:
    """While pending the charge is a zero that is not final yet; a failed job costs nothing."""
    if state is None:
        state = "settled" if job.status == "failed" else "pending"
    charges = {"settled": job.charge_micro_usd, "pending": 0, "unavailable": None}
    return {"state": state, "charge_micro_usd": charges[state]}
