"""Where Discord's document takes a null, so does the stand-in, and shows none in answers."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import pytest

from playground.discord.rules.errors import ApiError
from playground.discord.rules.modal_rules import check_modal
from tests.contracts import document_takes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.discord import DiscordStandIn
    from tests.playground.conftest import Api

_TEXTS: Final = {"name_localizations": {"de": "x"}, "description_localizations": {"de": "x"}}
COMMAND: Final[dict[str, Any]] = {
    **_TEXTS,
    "name": "draw",
    "description": "Draw",
    "type": 1,
    "default_member_permissions": 8,
    "dm_permission": True,
    "contexts": [0],
    "integration_types": [0],
    "options": [
        {
            **_TEXTS,
            "type": 3,
            "name": "text",
            "description": "Text",
            "required": True,
            "autocomplete": False,
            "min_length": 1,
            "max_length": 5,
            "choices": [{"name": "a", "value": "a", "name_localizations": {"de": "x"}}],
        },
        {"type": 4, "name": "n", "description": "N", "min_value": 1, "max_value": 5},
        {"type": 7, "name": "place", "description": "Place", "channel_types": [0]},
    ],
}
_EMOJI: Final = {"name": "🎬", "id": None, "animated": False}
BUTTON: Final = {
    "type": 2,
    "id": 3,
    "style": 1,
    "label": "Go",
    "custom_id": "go",
    "disabled": False,
    "emoji": _EMOJI,
    "url": None,
    "sku_id": None,
}
MENU: Final = {
    "type": 3,
    "id": 5,
    "custom_id": "menu",
    "placeholder": "Choose",
    "min_values": 1,
    "max_values": 1,
    "disabled": False,
    "options": [
        {"label": "a", "value": "a", "description": "A", "default": False, "emoji": _EMOJI}
    ],
}
_ADDRESS: Final = "https://x.test/a.png"
MESSAGE: Final[dict[str, Any]] = {
    "content": "hello",
    "embeds": [
        {
            "type": "rich",
            "url": _ADDRESS,
            "title": "Title",
            "color": 1,
            "timestamp": "2026-01-01T00:00:00+00:00",
            "description": "Text",
            "author": {"name": "a", "url": _ADDRESS, "icon_url": _ADDRESS},
            "image": {"url": _ADDRESS, "width": 1, "height": 1},
            "thumbnail": {"url": _ADDRESS},
            "footer": {"text": "f", "icon_url": _ADDRESS},
            "fields": [{"name": "n", "value": "v", "inline": True}],
        }
    ],
    "allowed_mentions": {"parse": [], "users": ["1"], "roles": ["1"], "replied_user": True},
    "sticker_ids": None,
    "components": [{"type": 1, "id": 1, "components": [BUTTON]},
                   {"type": 1, "components": [MENU]}],
    "flags": 4,
    "attachments": [],
    "poll": None,
    "message_reference": None,
    "nonce": "1",
    "enforce_nonce": False,
    "tts": False,
}  # fmt: skip
BLOCKS: Final[dict[str, Any]] = {
    "flags": 1 << 15,
    "components": [
        {
            "type": 17,
            "id": 1,
            "accent_color": 5,
            "spoiler": False,
            "components": [
                {
                    "type": 9,
                    "id": 2,
                    "components": [{"type": 10, "id": 9, "content": "text"}],
                    "accessory": {
                        "type": 11,
                        "id": 12,
                        "media": {"url": _ADDRESS},
                        "description": "d",
                        "spoiler": False,
                    },
                },
                {"type": 14, "id": 20, "spacing": 1, "divider": True},
                {
                    "type": 12,
                    "items": [{"media": {"url": _ADDRESS}, "description": "d", "spoiler": False}],
                },
                {"type": 1, "components": [BUTTON]},
            ],
        }
    ],
}
FORM: Final[dict[str, Any]] = {
    "custom_id": "form",
    "title": "Form",
    "components": [
        {
            "type": 18,
            "id": 1,
            "label": "Reason",
            "description": "d",
            "component": {
                "type": 4,
                "id": 2,
                "custom_id": "reason",
                "style": 1,
                "label": None,
                "value": "v",
                "placeholder": "p",
                "required": True,
                "min_length": 1,
                "max_length": 5,
            },
        },
        {"type": 18, "label": "Menu", "component": {**MENU, "required": True}},
    ],
}
# What one schema for all kinds cannot say: buttons have a custom id or an address, slash commands a
# description, and messages something to show.
NEEDED: Final = {"custom_id", "description", "flags", "components"}


def with_nulls(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with each of its values in turn replaced by null."""
    for path in list(_paths(body)):
        changed = deepcopy(body)
        holder: Any = changed
        for step in path[:-1]:
            holder = holder[step]
        needed = path[-1] == "custom_id" or (path[0] in NEEDED and len(path) == 1)
        if isinstance(path[-1], str) and not needed:
            holder[path[-1]] = None
            yield "/".join(map(str, path)), changed


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner: Any = {}
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, below in inner:
        yield (*path, key)
        yield from _paths(below, (*path, key))


async def refused(api: Api, method: str, path: str, body: dict[str, Any]) -> list[str]:
    """The places in the body at which the document takes a null, and the stand-in does not."""
    changed = [("", body), *with_nulls(body)]
    taken = [it for it in changed if document_takes(method, path, it[1])]
    assert len(taken) > len(changed) // 3
    found: list[str] = []
    for where, sent in taken:
        status, _ = await api(method, path, sent)
        if status >= 400:
            found.append(where)
    return found


async def test_commands_may_hold_nulls(stand_in: DiscordStandIn, api: Api) -> None:
    path = f"/applications/{stand_in.world.application_id}/commands"
    assert await refused(api, "POST", path, COMMAND) == []
    _, kept = await api(
        "POST", path, COMMAND | {"options": [{**COMMAND["options"][0], "choices": None}]}
    )
    assert "choices" not in kept["options"][0]


@pytest.mark.parametrize("body", [MESSAGE, BLOCKS], ids=["message", "blocks"])
async def test_messages_may_hold_nulls(
    stand_in: DiscordStandIn, api: Api, body: dict[str, Any]
) -> None:
    path = f"/channels/{stand_in.world.guild.channel('clips').id}/messages"
    assert await refused(api, "POST", path, body) == []


def test_forms_may_hold_nulls() -> None:
    found: list[str] = []
    for where, form in [("", FORM), *with_nulls(FORM)]:
        if document_takes("POST", "/interactions/1/x/callback", {"type": 9, "data": form}):
            try:
                check_modal(form)
            except ApiError:
                found.append(where)
    assert found == []
