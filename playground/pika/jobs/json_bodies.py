"""Reading the JSON body of a request."""

import json

from aiohttp import web


class BodyError(ValueError):
    """The body is no JSON object; the text says how it fails."""


async def json_object(request: web.Request) -> tuple[dict[str, object], bytes]:
    """The object of a JSON body and its exact bytes; raises BodyError."""
    sent = await request.read()
    if request.content_type != "application/json":
        raise BodyError("Content-Type: must be application/json")
    try:
        asked = json.loads(sent)
    except ValueError as error:
        raise BodyError("the body is no JSON") from error
    if not isinstance(asked, dict):
        raise BodyError("the body must be a JSON object")
    return asked, sent
