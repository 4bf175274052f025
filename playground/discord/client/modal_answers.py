"""A filled form as the bot is sent it."""

from collections.abc import Mapping
from typing import Any

from playground.discord.client.interaction_payloads import Resolved
from playground.discord.rules.modal_rules import (
    LABEL,
    ROW,
    TEXT_INPUT,
    Field,
    as_list,
    modal_fields,
)
from playground.discord.rules.select_rules import CHECKBOX, RADIO_GROUP
from playground.json_types import Json


def answers_json(modal: Json, values: Mapping[str, Any], resolved: Resolved) -> list[Json]:
    """The filled form as the bot is sent it, numbered in reading order."""
    filled: list[Json] = []
    number = 0
    for part in modal["components"]:
        number += 1
        sent: Json = {"type": part["type"], "id": part.get("id") or number}
        inner = modal_fields([part])
        number += len(inner)
        answers = [_answer(field, values, resolved, number) for field in inner]
        if part["type"] == LABEL:
            sent["component"] = answers[0]
        elif part["type"] == ROW:
            sent["components"] = answers
        filled.append(sent)
    return filled


def _answer(field: Field, values: Mapping[str, Any], resolved: Resolved, number: int) -> Json:
    answer: Json = {
        "type": field.kind,
        "id": field.component.get("id") or number,
        "custom_id": field.custom_id,
    }
    value = values.get(field.custom_id)
    if field.kind == TEXT_INPUT:
        return answer | {"value": value or ""}
    if field.kind == CHECKBOX:
        return answer | {"value": bool(value)}
    chosen = [resolved.value(entry) for entry in as_list(value)]
    if field.kind == RADIO_GROUP:
        return answer | {"value": chosen[0] if chosen else None}
    return answer | {"values": chosen}
