"""What Discord's own client and API accept as values of a command's options."""

import re
from collections.abc import Mapping
from typing import Any, Final

from playground.discord.rules.command_rules import NUMERIC, OptionType
from playground.discord.state.entities import Channel, Member, Role, User
from playground.discord.state.messages import Upload
from playground.discord.state.permissions import Permission
from playground.json_types import Json

MAX_STRING: Final = 6000
"""Characters of a text option that sets no limit of its own."""

MAX_NUMBER: Final = 2**53
"""Numbers go up to here either way."""

_TYPES: Final[dict[int, tuple[type, ...]]] = {
    OptionType.STRING: (str,),
    OptionType.INTEGER: (int,),
    OptionType.BOOLEAN: (bool,),
    OptionType.USER: (User, Member),
    OptionType.CHANNEL: (Channel,),
    OptionType.ROLE: (Role,),
    OptionType.MENTIONABLE: (User, Member, Role),
    OptionType.NUMBER: (int, float),
    OptionType.ATTACHMENT: (Upload,),
}


_BARE: Final = frozenset({OptionType.USER, OptionType.ROLE, OptionType.MENTIONABLE})
"""Option types that take the id of somebody who is not there to be picked."""

_ID: Final = re.compile(r"\d{17,20}")


class ClientRefusal(Exception):  # noqa: N818 - a refusal is what it is to the person
    """Discord's own client or API stops the person before the bot hears of it.

    `sentence` says why.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check_options(
    schemas: list[Json], values: Mapping[str, Any], member: Member, channel: Channel
) -> None:
    """ClientRefusal unless every value fits its option and no required one is missing."""
    by_name = {schema["name"]: schema for schema in schemas}
    for name in values.keys() - by_name.keys():
        raise ClientRefusal(f"There is no option “{name}”.")
    for name, schema in by_name.items():
        if name in values:
            _check_value(schema, values[name])
            _check_seen(values[name], member)
        elif schema.get("required"):
            raise ClientRefusal(f"The option “{name}” is required.")
    for upload in values.values():
        if isinstance(upload, Upload):
            _check_upload(upload, member, channel)


def _check_value(schema: Json, value: Any) -> None:  # noqa: ANN401 - whatever the person gave
    name, kind = schema["name"], schema["type"]
    if not _fits(kind, value):
        raise ClientRefusal(f"“{value}” does not fit the option “{name}”.")
    choices = schema.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise ClientRefusal(f"“{value}” is not among the choices of “{name}”.")
    if kind == OptionType.STRING:
        _check_range(name, len(value), schema, "length", (0, MAX_STRING))
        if schema.get("required") and not value.strip():
            raise ClientRefusal(f"The option “{name}” is required.")
    elif kind in NUMERIC:
        _check_range(name, value, schema, "value", (-MAX_NUMBER, MAX_NUMBER))
    elif kind == OptionType.CHANNEL and value.kind not in schema.get("channel_types", [value.kind]):
        raise ClientRefusal(f"“{name}” takes another type of channel.")


def _fits(kind: int, value: object) -> bool:
    if isinstance(value, bool):
        return kind == OptionType.BOOLEAN
    if kind in _BARE and isinstance(value, str):
        return _ID.fullmatch(value) is not None
    return isinstance(value, _TYPES[kind])


def _check_seen(value: object, member: Member) -> None:
    if isinstance(value, Channel) and not member.may(value, Permission.VIEW_CHANNEL):
        raise ClientRefusal("You do not see that channel.")


def _check_range(
    name: str, value: float, schema: Json, what: str, default: tuple[int, int]
) -> None:
    low = schema.get(f"min_{what}", default[0])
    high = schema.get(f"max_{what}", default[1])
    if not low <= value <= high:
        raise ClientRefusal(f"The {what} of “{name}” must be between {low} and {high}.")


def _check_upload(upload: Upload, member: Member, channel: Channel) -> None:
    if not member.may(channel, Permission.ATTACH_FILES):
        raise ClientRefusal("You do not have permission to attach files in this channel.")
    if len(upload.data) > member.upload_limit:
        raise ClientRefusal("Your files are too powerful. The upload limit was exceeded.")
