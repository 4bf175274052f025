"""Holds exchanges with the stand-in Discord against Discord's own OpenAPI document.

The document is looked for in the directory that CONTRACTS_DIR names. It knows REST alone, and
misses what JSON Schema cannot say or Discord did not write down: names that are not allowed,
required options after optional ones, unknown keys.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012, Draft202012Validator, Registry

from playground.faults import Exchange
from tests.schema_errors import schema_errors

_PREFIX = "/api/v10"
_DOCUMENT = "urn:discord"
_JSON_BODIES = ("application/json", "multipart/form-data")
_INJECTED = 500


def discord_violations(exchanges: Iterable[Exchange]) -> list[str]:
    """One sentence for each way in which a request or an answer breaks the document.

    Skips the calling test when CONTRACTS_DIR is unset. Answers of 500 and above, which only
    faults give and the document does not describe, are not looked at; nor are pages of the network.
    """
    if "CONTRACTS_DIR" not in os.environ:
        pytest.skip("CONTRACTS_DIR is not set, so there is no document to validate against")
    return [violation for exchange in exchanges for violation in _violations(exchange)]


def document_has(method: str, path: str) -> bool:
    """Whether the document has the route, whose parameters stand in braces; skips as said above."""
    if "CONTRACTS_DIR" not in os.environ:
        pytest.skip("CONTRACTS_DIR is not set, so there is no document to validate against")
    template = _template(re.sub(r"\{[^}]+\}", "1", path))
    return template is not None and method.lower() in _document()["paths"][template]


def document_takes(method: str, path: str, body: object) -> bool:
    """Whether the document allows the body in a request; skips as `discord_violations` does."""
    if "CONTRACTS_DIR" not in os.environ:
        pytest.skip("CONTRACTS_DIR is not set, so there is no document to validate against")
    template = _template(path)
    assert template is not None
    content = _document()["paths"][template][method.lower()]["requestBody"]["content"]
    kind = next(kind for kind in _JSON_BODIES if kind in content)
    base = f"/paths/{_escaped(template)}/{method.lower()}"
    pointer = f"{base}/requestBody/content/{_escaped(kind)}/schema"
    return _validator(pointer).is_valid(body)


@cache
def _document() -> dict[str, Any]:
    path = Path(os.environ["CONTRACTS_DIR"]) / "discord" / "openapi.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    _correct(document["components"]["schemas"])
    return document


def _correct(schemas: dict[str, Any]) -> None:
    # Discord reads ids in requests as integers too, and discord.py sends them so.
    schemas["SnowflakeType"]["type"] = ["string", "integer"]
    # Media channels are in Discord's reference, and discord.py offers them wherever it does forums.
    schemas["ChannelTypes"]["oneOf"].append({"const": 16})
    schemas["GuildChannelResponse"]["properties"]["type"]["enum"].append(16)
    # The codes of single fields are names as BASE_TYPE_REQUIRED, as Discord's reference shows.
    field_error = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    }
    schemas["InnerErrors"]["properties"]["_errors"]["items"] = field_error


@cache
def _registry() -> Registry:
    return Registry([(_DOCUMENT, _document())], draft=Draft202012)


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{_DOCUMENT}#{pointer}"}, registry=_registry())


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    # Literal segments go first, so that @original is not taken for a message's id.
    paths = sorted(_document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path) for path in paths]


@cache
def _template(path: str) -> str | None:
    return next((template for pattern, template in _templates() if pattern.match(path)), None)


def _violations(exchange: Exchange) -> Iterator[str]:
    label = f"{exchange.method} {exchange.path} -> {exchange.status}"
    template = _template(exchange.path.removeprefix(_PREFIX))
    if template is None or exchange.method.lower() not in _document()["paths"][template]:
        yield f"{label}: Discord has no such route"
        return
    operation = _document()["paths"][template][exchange.method.lower()]
    base = f"/paths/{_escaped(template)}/{exchange.method.lower()}"
    if _was_accepted(exchange):
        yield from _request_violations(label, operation, base, exchange)
    if exchange.status is not None and exchange.status < _INJECTED and not _is_page(exchange):
        yield from _response_violations(label, operation, base, exchange)


def _is_page(exchange: Exchange) -> bool:
    # Of the network before Discord, which bans an address: it is no answer of Discord's own.
    kind = exchange.response_headers.get("Content-Type", "")
    return exchange.status in {403, 429} and kind.startswith("text/html")


def _was_accepted(exchange: Exchange) -> bool:
    # What Discord refuses as malformed was sent on purpose or is reported by the refusal.
    return exchange.status is None or exchange.status != 400


def _request_violations(
    label: str, operation: dict[str, Any], base: str, exchange: Exchange
) -> Iterator[str]:
    body = operation.get("requestBody")
    if body is None:
        if exchange.request_json is not None:
            yield f"{label}: the request has a body, but none belongs there"
        return
    if exchange.request_json is None:
        if body.get("required"):
            yield f"{label}: the request lacks its body"
        return
    kind = next(kind for kind in _JSON_BODIES if kind in body["content"])
    pointer = f"{base}/requestBody/content/{_escaped(kind)}/schema"
    for error in schema_errors(_validator(pointer), exchange.request_json):
        yield f"{label}: request {error}"


def _response_violations(
    label: str, operation: dict[str, Any], base: str, exchange: Exchange
) -> Iterator[str]:
    assert exchange.status is not None
    responses = operation["responses"]
    family = f"{exchange.status // 100}XX"
    key = str(exchange.status) if str(exchange.status) in responses else family
    if key not in responses:
        yield f"{label}: not an answer that the document knows"
        return
    described, pointer = responses[key], f"{base}/responses/{key}"
    if "$ref" in described:
        pointer = described["$ref"].removeprefix("#")
        described = _document()["components"]["responses"][pointer.rsplit("/", 1)[1]]
    content = described.get("content", {})
    if not content:
        if exchange.response_bytes:
            yield f"{label}: the answer should be empty"
        return
    if exchange.response_headers.get("Content-Type") != "application/json":
        yield f"{label}: the answer is not application/json"
        return
    pointer = f"{pointer}/content/{_escaped('application/json')}/schema"
    for error in schema_errors(_validator(pointer), exchange.response_json):
        yield f"{label}: response {error}"


def _escaped(segment: str) -> str:
    return segment.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
