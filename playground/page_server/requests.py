"""Where a request of the page plays, and how its refusals are worded."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from playground.discord import Channel, ClientRefusal, Member, Message
from playground.discord.rules.errors import ApiError
from playground.page_server.forms import FormError
from playground.stack.stack import LocalStack

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def errors_as_json(handler: Handler) -> Handler:
    """The handler with every refusal answered as `{"error": "one sentence"}`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except FormError as error:
            return error_json(400, str(error))
        except ClientRefusal as refusal:
            return error_json(422, refusal.sentence)
        except ApiError as refusal:
            return error_json(422, _worded(refusal))

    return answer


def error_json(status: int, sentence: str) -> web.Response:
    """A refusal."""
    return web.json_response({"error": sentence}, status=status)


def member_and_channel(
    stack: LocalStack, request: web.Request, channel_name: str | None = None
) -> tuple[Member, Channel]:
    """Who acts, by `?as=`, and in which channel, by the path unless given; else 404."""
    channel = channel_of(stack, request, channel_name)
    return person(stack, request.query.get("as", "")), channel


def channel_of(stack: LocalStack, request: web.Request, name: str | None = None) -> Channel:
    """The channel that the path names, unless its name is given; else 404."""
    channel = stack.channel(request.match_info["channel"] if name is None else name)
    if channel is None:
        raise _not_found("There is no channel of that name.")
    return channel


def person(stack: LocalStack, username: str) -> Member:
    """The person with that account name; else 404."""
    member = stack.member(username)
    if member is None:
        raise _not_found("There is nobody of that name: try ?as=mia.")
    return member


def message_in(channel: Channel, message_id: object) -> Message:
    """The message with that id (a text of digits) in the channel; else 404."""
    known = isinstance(message_id, str) and message_id.isdecimal()
    message = channel.messages.get(int(str(message_id))) if known else None
    if message is None:
        raise _not_found("There is no such message here.")
    return message


def _not_found(sentence: str) -> web.HTTPNotFound:
    return web.HTTPNotFound(text=json.dumps({"error": sentence}), content_type="application/json")


def _worded(refusal: ApiError) -> str:
    """The first of Discord's sentences about a field, else the one about the whole."""
    node: object = refusal.body.get("errors")
    while isinstance(node, dict) and node:
        found = node.get("_errors")
        if found:
            return str(found[0]["message"])
        node = next(iter(node.values()))
    return str(refusal.body["message"])
