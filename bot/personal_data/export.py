"""Writes out what is kept about a member: a ZIP file with JSON, and the pictures that are kept."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bot.base import DIRECT_MESSAGES, from_ms, value
from bot.personal_data.columns import PERSONAL, columns_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.base import SqlRow, Transaction

DATA_FILE: Final = "data.json"
_ABOUT: Final = (
    "All that this bot keeps about you, in every server where you used it. Servers and people are"
    " Discord's ids, money is micro-USD (1,000,000 are one US dollar), times are UTC. Clips are in"
    " the channels where they were posted: `link` leads to each."
)
ROOM_FOR_ENTRY: Final = 512
"""Bytes that an entry of the archive takes besides its data, at most."""


@dataclass(slots=True)
class PersonalData:
    """What is kept about a member.

    Attributes:
        tables: Rows by table, as they go into the JSON.
        pictures: The names of pictures' files, by the number of the first clip made of each; the
            newest first.
    """

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pictures: dict[int, str] = field(default_factory=dict)


@value
class Export:
    """An archive, no larger than was asked for unless the JSON alone is.

    Attributes:
        archive: The ZIP file.
        clips: The number of clips in it.
        left_out: The numbers of clips whose pictures did not fit.
    """

    archive: bytes
    clips: int
    left_out: tuple[int, ...]


def read(tx: Transaction, member_id: int) -> PersonalData:
    """Read the rows about a member, of all servers."""
    data = PersonalData()
    for name, table in PERSONAL.items():
        columns = ", ".join(columns_in(table.exported))
        sql = f"SELECT {columns} FROM {name} WHERE {table.whose}"
        data.tables[name] = [_plain(row) for row in tx.all(sql, {"member": member_id})]
    clips = {job["picture_file"]: job["id"] for job in reversed(data.tables["jobs"])}
    clips.pop(None, None)
    data.pictures = {number: file for file, number in clips.items()}
    for job in data.tables["jobs"]:
        if job["state"] == "delivered" and job["message_id"] and job["removed_at"] is None:
            guild = "@me" if job["guild_id"] == DIRECT_MESSAGES else job["guild_id"]
            place = f"{guild}/{job['channel_id']}/{job['message_id']}"
            job["link"] = f"https://discord.com/channels/{place}"
    return data


def packed_size(data: PersonalData) -> int:
    """The bytes that the archive takes without pictures, at most. For a thread, as `pack`."""
    return len(pack(data, {}, list(data.pictures)).archive) + ROOM_FOR_ENTRY


def pack(data: PersonalData, pictures: Mapping[int, bytes], left_out: list[int]) -> Export:
    """Make the archive. For a thread: it takes some milliseconds for each megabyte.

    Args:
        data: What was read.
        pictures: JPEGs, by the numbers of clips.
        left_out: The numbers of clips whose pictures do not fit.
    """
    import zipfile  # noqa: PLC0415 - a quarter of a megabyte that an idle bot does without

    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DATA_FILE, _json(data, left_out))
        for number, picture in pictures.items():
            archive.writestr(f"pictures/clip-{number}.jpg", picture, zipfile.ZIP_STORED)
    return Export(written.getvalue(), len(data.tables["jobs"]), tuple(left_out))


def _json(data: PersonalData, left_out: list[int]) -> str:
    written = {"about": _ABOUT, "pictures_left_out": left_out, **data.tables}
    return json.dumps(written, indent=1, ensure_ascii=False)


def _plain(row: SqlRow) -> dict[str, Any]:
    return {name: _readable(name, row[name]) for name in row.keys()}  # noqa: SIM118 - a Row iterates over values


def _readable(name: str, value: Any) -> Any:  # noqa: ANN401 - what SQLite gives, and JSON
    if value is None:
        return None
    if name.endswith("_json") or name == "role_ids":
        return json.loads(value)
    if name.endswith(("_at", "_until", "_since")):
        return from_ms(value).isoformat()
    return value
