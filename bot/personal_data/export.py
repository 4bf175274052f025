"""Writes out what is kept about a member: a ZIP file with JSON, pictures and stills of clips."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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


class ArchivedFile(NamedTuple):
    """A picture or a still in an archive, named by the first clip that has it."""

    clip: int
    folder: str

    @property
    def path(self) -> str:
        """Its name in the archive."""
        return f"{self.folder}/clip-{self.clip}.jpg"


@dataclass(slots=True)
class PersonalData:
    """What is kept about a member.

    Attributes:
        tables: Rows by table, as they go into the JSON.
        files: The names under which pictures, and stills of clips, are kept; the newest first.
    """

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[ArchivedFile, str] = field(default_factory=dict)


@value
class Export:
    """An archive, no larger than was asked for unless the JSON alone is.

    Attributes:
        archive: The ZIP file.
        clips: The number of clips in it.
        left_out: The numbers of clips whose pictures or stills did not fit.
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
    data.files = _files(data.tables["jobs"])
    for job in data.tables["jobs"]:
        if job["state"] == "delivered" and job["message_id"] and job["removed_at"] is None:
            guild = "@me" if job["guild_id"] == DIRECT_MESSAGES else job["guild_id"]
            place = f"{guild}/{job['channel_id']}/{job['message_id']}"
            job["link"] = f"https://discord.com/channels/{place}"
    return data


def packed_size(data: PersonalData) -> int:
    """The bytes that the archive takes without pictures, at most. For a thread, as `pack`."""
    return len(pack(data, {}, list(data.files)).archive) + ROOM_FOR_ENTRY


def _files(jobs: list[dict[str, Any]]) -> dict[ArchivedFile, str]:
    clips: dict[str | None, ArchivedFile] = {}
    for job in reversed(jobs):
        clips[job["picture_file"]] = ArchivedFile(job["id"], "pictures")
        # What moderators did not let be shown is not shown here either.
        if job["state"] == "delivered":
            clips[job["poster_file"]] = ArchivedFile(job["id"], "stills")
    return {entry: name for name, entry in clips.items() if name is not None}


def pack(
    data: PersonalData, files: Mapping[ArchivedFile, bytes], left_out: list[ArchivedFile]
) -> Export:
    """Make the archive. For a thread: it takes some milliseconds for each megabyte.

    Args:
        data: What was read.
        files: JPEGs.
        left_out: Those that do not fit.
    """
    import zipfile  # noqa: PLC0415 - a quarter of a megabyte that an idle bot does without

    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DATA_FILE, _json(data, left_out))
        for entry, content in files.items():
            archive.writestr(entry.path, content, zipfile.ZIP_STORED)
    clips = dict.fromkeys(entry.clip for entry in left_out)
    return Export(written.getvalue(), len(data.tables["jobs"]), tuple(clips))


def _json(data: PersonalData, left_out: list[ArchivedFile]) -> str:
    paths = [entry.path for entry in left_out]
    written = {"about": _ABOUT, "left_out": paths, **data.tables}
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
