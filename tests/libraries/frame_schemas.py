"""Schemas of the gateway's frames, made of the types that discord-api-types publishes for them."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from filelock import FileLock
from jsonschema_rs import Draft7Validator

from tests.libraries.environments import node_packages, own_environment
from tests.schema_errors import schema_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = 'export type { GatewayReceivePayload } from "discord-api-types/v10";\n'
_GENERATOR: Final = "node_modules/ts-json-schema-generator/bin/ts-json-schema-generator.js"
_SECONDS: Final = 120
_POINTER: Final = "#/definitions/"
_ACKNOWLEDGED: Final = 11
# By the opcode of what is no event.
_OTHERS: Final = {
    7: "GatewayReconnect",
    9: "GatewayInvalidSession",
    10: "GatewayHello",
    _ACKNOWLEDGED: "GatewayHeartbeatAck",
}


def frame_violations(frame: dict[str, Any]) -> Iterator[str]:
    """One sentence for each way in which a frame from Discord is not of its type."""
    label = frame["t"] or f"op {frame['op']}"
    name = _events().get(frame["t"]) if frame["op"] == 0 else _OTHERS.get(frame["op"])
    if name is None:
        yield f"{label}: Discord has no such frame"
        return
    if frame["t"] == "RESUMED" or frame["op"] == _ACKNOWLEDGED:
        # What is undefined in their types goes over the wire as null or a trace.
        frame = {key: value for key, value in frame.items() if key != "d"}
    for error in schema_errors(_validator(name), frame):
        yield f"{label} {error}"


@cache
def _definitions() -> dict[str, Any]:
    folder = node_packages()
    made = folder / "frames.schema.json"
    with FileLock(folder / "frames.lock"):
        if not made.exists():
            source = folder / "frames.ts"
            source.write_text(_TYPES)
            made.write_text(_generated(str(folder), str(source)))
    definitions: dict[str, Any] = json.loads(made.read_text())["definitions"]
    for name in definitions:
        # In TypeScript a set of flags has the type of one flag.
        if name.endswith("Flags"):
            definitions[name] = {"type": "integer"}
    return definitions


def _generated(folder: str, source: str) -> str:
    command = [
        "node", _GENERATOR, "--path", source, "--type", "GatewayReceivePayload",
        "--no-type-check", "--additional-properties",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, env=own_environment(), capture_output=True, text=True,
        timeout=_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def _events() -> dict[str, str]:
    """The name of the definition by that of the event."""
    found: dict[str, str] = {}
    for choice in _definitions()["GatewayDispatchPayload"]["anyOf"]:
        event = _resolved(_resolved(choice)["properties"]["t"])
        for name in event.get("enum") or [event["const"]]:
            found[name] = choice["$ref"].removeprefix(_POINTER)
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = _definitions()[unquote(schema["$ref"]).removeprefix(_POINTER)]
    return schema


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"{_POINTER}{name}", "definitions": _definitions()})
