"""Rows that no test is about: another member of the same server, and everything in another server.

A statement that has lost its WHERE does what it should to the one row of a test. These rows lie
beside that row, and must be the same when the test ends. Their ids are not positive, so that the
ids of a test begin at 1 all the same; `HIDDEN` keeps them from what a test counts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bot.base.database import SqlValue

    Row: TypeAlias = dict[str, SqlValue]
    Rows: TypeAlias = dict[str, list[Row]]

OTHER_GUILD: Final = 7_000_001
OTHER_MEMBER: Final = 7_000_002
_FAR: Final = 9_999_999_999_000
"""In the year 2286."""
_LONG_AGO: Final = 1_000_000_000_000
"""In 2001, before everything that a limit, a report or a forecast looks back to."""

_THEIR_GUILD: Final = f"guild_id = {OTHER_GUILD}"
_THEIRS: Final = f"{_THEIR_GUILD} OR member_id = {OTHER_MEMBER}"
_WHOSE: Final[Mapping[str, str]] = {
    "jobs": f"id <= 0 OR {_THEIRS}",
    "reviews": "job_id <= 0",
    "ledger": f"id <= 0 OR {_THEIRS}",
    "guild_totals": f"{_THEIR_GUILD} OR quarter_hour = {_LONG_AGO // 900_000}",
    "member_totals": _THEIRS,
    "guild_settings": _THEIR_GUILD,
    "rules": f"{_THEIR_GUILD} OR target_id = {OTHER_MEMBER}",
    "exemptions": f"{_THEIR_GUILD} OR target_id = {OTHER_MEMBER}",
    "grants": _THEIR_GUILD,
    "grant_draws": "job_id <= 0",
    "budget_checks": "guild_id IS NULL",
    "blocks": _THEIRS,
    "blocked_words": _THEIR_GUILD,
    "automod_rules": _THEIR_GUILD,
    "word_hits": _THEIRS,
    "remembered_pictures": _THEIR_GUILD,
    "channel_rules": _THEIR_GUILD,
    "audit": _THEIR_GUILD,
    "log_messages": _THEIR_GUILD,
    "known_guilds": _THEIR_GUILD,
    "owner_state": "id <= 0",
    "offers": _THEIRS,
    "member_defaults": _THEIRS,
    "notices": _THEIRS,
    "closed_direct_messages": f"member_id = {OTHER_MEMBER}",
    "picture_requests": _THEIRS,
    "picture_consents": _THEIRS,
    "picture_opt_outs": f"owner_id = {OTHER_MEMBER}",
    "unanswered_interactions": _THEIRS,
    "erasures": f"member_id = {OTHER_MEMBER}",
    "provider_erasures": "id <= 0",
}
"""Which rows of each table are a bystander's."""

# The totals over all servers have rows that bystanders' spending made, and that hold none of it.
_MADE_BY_THEM: Final = f"""
    guild_id = 0 AND quarter_hour IN (
        SELECT quarter_hour FROM main.guild_totals WHERE {_THEIR_GUILD})
    AND quarter_hour NOT IN (
        SELECT quarter_hour FROM main.guild_totals WHERE guild_id NOT IN (0, {OTHER_GUILD}))
"""
# What another spent in this server long ago is in all its totals since.
_BEFORE: Final = f"""
    FROM main.guild_totals AS before
    WHERE before.guild_id = kept.guild_id AND before.quarter_hour = {_LONG_AGO // 900_000}
"""
_TOTALS: Final = f"""
    SELECT guild_id, quarter_hour,
        clips - coalesce((SELECT clips {_BEFORE}), 0) AS clips,
        micro_usd - coalesce((SELECT micro_usd {_BEFORE}), 0) AS micro_usd
    FROM main.guild_totals AS kept
    WHERE NOT ({_WHOSE["guild_totals"]} OR {_MADE_BY_THEM})
"""
_SHOWN: Final = {
    **{table: f"SELECT * FROM main.{table} WHERE NOT ({whose})" for table, whose in _WHOSE.items()},
    "guild_totals": _TOTALS,
}
HIDDEN: Final = "WITH " + ", ".join(f"{table} AS ({shown})" for table, shown in _SHOWN.items())
"""Goes before a SELECT, which then sees the rows of the test alone."""
_OWNERS_SPENDING: Final = f"""
    UPDATE guild_totals SET (clips, micro_usd) = (
        SELECT coalesce(sum(clips), 0), coalesce(sum(micro_usd), 0) FROM ledger
        WHERE ledger.guild_id <> {OTHER_GUILD} AND counts_at / 900000 <= quarter_hour)
    WHERE guild_id = 0
"""


class Connection(Protocol):
    """What both sqlite3 and a transaction of the bot's can do."""

    def execute(self, sql: str, values: Mapping[str, SqlValue], /) -> object:
        """Run a statement."""


def put(connection: Connection, guild_id: int, member_id: int, now_ms: int) -> None:
    """Write down a life beside that of a member: theirs in another server, another's in this one.

    What moderators of this server would see in their lists is left out.
    """
    for table, rows in _rows(guild_id, member_id, now_ms):
        for row in rows:
            names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
            connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({values})", row)
    # What they spend is not the owner's: else it would count in tests of the owner's budget.
    connection.execute(_OWNERS_SPENDING, {})


def lease(connection: Connection) -> None:
    """Keep the open jobs from a bot that runs, as if a worker had claimed them for good.

    A bot that has just started still looks for jobs that await to be read back.
    """
    connection.execute(f"UPDATE jobs SET due_at = {_FAR}, awaits_read_back = 0 WHERE id <= 0", {})


def withdraw(connection: Connection) -> None:
    """Take the open jobs out, which a start of the bot would find and carry on."""
    for table, column in (("reviews", "job_id"), ("jobs", "id")):
        open_ids = "SELECT id FROM jobs WHERE id <= 0 AND ended_at IS NULL"
        connection.execute(f"DELETE FROM {table} WHERE {column} IN ({open_ids})", {})
    connection.execute("DELETE FROM unanswered_interactions WHERE interaction_id <= 0", {})


def selects() -> Iterator[tuple[str, str]]:
    """For each table, what finds the rows of bystanders, in a fixed order."""
    for table, whose in _WHOSE.items():
        yield table, f"SELECT *, 0 FROM {table} WHERE {whose} ORDER BY 1, 2"


def _rows(guild_id: int, member_id: int, now: int) -> Iterable[tuple[str, list[Row]]]:
    here, there = (guild_id, OTHER_MEMBER), (OTHER_GUILD, member_id)
    yield (
        "jobs",
        [
            _job(0, here, "failed", failure="busy"),
            _job(-1, here, "delivered", ended_at=_LONG_AGO, removed_at=_LONG_AGO, removed_by=1),
            _job(-2, there, "rendered", needs_review=1, picture_file="another's"),
            _job(-3, there, "failed", failure="busy", created_at=now),
            _job(-4, there, "delivered", ended_at=now, created_at=now),
        ],
    )
    yield (
        "reviews",
        [{"job_id": -2, "channel_id": 1, "message_id": 1, "asked_at": now}],
    )
    yield (
        "ledger",
        [
            _entry(0, here, "reserve", -1, _LONG_AGO, 1),
            _entry(-1, here, "grant", None, _LONG_AGO),
            _entry(-2, there, "reserve", -4, now, 1),
            _entry(-3, there, "settle", -4, now),
            _entry(-4, there, "grant", None, now),
            _entry(-5, there, "reset", None, _LONG_AGO) | {"grant_clips": 0},
        ],
    )
    yield from _decisions(there, now)
    yield "blocks", [_block(here, until=_LONG_AGO + 1), _block(there, until=None)]
    yield "erasures", [{"member_id": OTHER_MEMBER, "asked_at": _FAR, "done": 1}]
    far: Row = {"provider": "pika", "trace": "another's", "added_at": now, "due_at": _FAR}
    yield "provider_erasures", [{"id": 0, **far}]
    yield "offers", [_offer(0, here), _offer(-1, there)]
    yield "member_defaults", [_defaults(here), _defaults(there)]
    form: Row = {"owner_id": OTHER_MEMBER, "pictures_json": "[]", "expires_at": _FAR}
    allowed: Row = {"member_id": member_id, "given_at": now}
    yield "picture_consents", [{"guild_id": OTHER_GUILD, "owner_id": OTHER_MEMBER, **allowed}]
    yield "picture_opt_outs", [{"owner_id": OTHER_MEMBER, "since": now}]
    yield (
        "picture_requests",
        [
            {"id": -number, "guild_id": guild, "member_id": member, **form}
            for number, (guild, member) in enumerate((here, there))
        ],
    )
    yield (
        "unanswered_interactions",
        [_reply_to(-number, whose) for number, whose in enumerate((here, there))],
    )


def _decisions(there: tuple[int, int], now: int) -> Iterable[tuple[str, list[Row]]]:
    """What moderators of the other server have decided."""
    guild_id, member_id = there
    guild: Row = {"guild_id": guild_id}
    settings: Row = {"own_limits": 1, "log_channel_id": 1, "member_at_once": 1, "queue_length": 1}
    review: Row = {"review": "everyone", "review_channel_id": 1}
    pause: Row = {"paused_at": now, "pause_reason": "elsewhere"}
    yield "guild_settings", [{**guild, **settings, **review, **pause}]
    day: Row = {"unit": "clips", "time_window": "day", "amount": 0}
    targets = ("member", member_id), ("everyone", 0), ("guild", 0)
    yield (
        "rules",
        [{**guild, "scope": scope, "target_id": target, **day} for scope, target in targets],
    )
    yield "blocked_words", [{**guild, "word": "waves", "is_pattern": 0}]
    yield "automod_rules", [{**guild, "rules_json": "{}", "read_at": now}]
    hit: Row = {"word": "waves", "is_pattern": 0, "member_id": member_id, "hits": 1}
    # Never old enough to be deleted, however much time a test lets pass.
    yield "word_hits", [{**guild, **hit, "day": now // 86_400_000 + 3650, "last_hit_at": now}]
    yield "channel_rules", [{**guild, "channel_id": 1}]
    refused: Row = {"picture_hash": "0" * 288, "actor_id": 1, "remembered_at": now}
    yield "remembered_pictures", [{**guild, "job_id": -4, **refused}]
    done: Row = {"done_at": now, "actor_id": 1, "action": "block", "subject_kind": "member"}
    yield "audit", [{**guild, "id": 0, **done, "subject_id": member_id, "reason": "elsewhere"}]
    told: Row = {"kind": "may_be_billed", "data_json": "{}", "created_at": now, "sent_at": now}
    yield "known_guilds", [{**guild, "is_member": 0, "decision": 1}]
    yield "log_messages", [{**guild, "id": 0, "dedup_key": "elsewhere", **told}]


def _defaults(whose: tuple[int, int]) -> Row:
    guild_id, member_id = whose
    size: Row = {"resolution": "720p", "duration": 10}
    return {"guild_id": guild_id, "member_id": member_id, **size} | {
        "negative_prompt": "another's",
        "tell": "none",
    }


def _reply_to(interaction_id: int, whose: tuple[int, int]) -> Row:
    guild_id, member_id = whose
    return {
        "interaction_id": interaction_id,
        "guild_id": guild_id,
        "channel_id": 1,
        "member_id": member_id,
        "message_id": 1,
        "application_id": 1,
        "token": "another's token",
        "token_until": _FAR,
    }


def _job(id_: int, whose: tuple[int, int], state: str, **differs: SqlValue) -> Row:
    row: Row = {
        # Far from the negative numbers of erased jobs.
        **_reply_to(id_ - 1_000_000, whose),
        "id": id_,
        "upload_limit": 1,
        "provider": "pika",
        "options_json": json.dumps({"prompt": "", "resolution": "720p", "duration": 5, "seed": 1}),
        "price_micro_usd": 1,
        "state": state,
        "ticket_json": json.dumps({"provider": "pika", "id": "another's"}),
        "reference": "OTHER",
        "created_at": _LONG_AGO,
        "due_at": 0,
        # So that no worker claims it, at any hour.
        "awaits_read_back": 1,
    }
    return row | differs


def _entry(
    id_: int, whose: tuple[int, int], kind: str, job_id: int | None, at: int, clips: int = 0
) -> Row:
    guild_id, member_id = whose
    return {
        "id": id_,
        "guild_id": guild_id,
        "member_id": member_id,
        "job_id": job_id,
        "kind": kind,
        "clips": clips,
        "micro_usd": clips,
        "member_clips": clips,
        "member_micro_usd": clips,
        "grant_clips": 3 if kind == "grant" else 0,
        "grant_micro_usd": 0,
        "actor_id": 1,
        "counts_at": at,
        "entered_at": at,
    }


def _block(whose: tuple[int, int], until: int | None) -> Row:
    guild_id, member_id = whose
    times: Row = {"blocked_at": _LONG_AGO, "blocked_until": until}
    return {"guild_id": guild_id, "member_id": member_id, **times, "reason": "elsewhere"}


def _offer(id_: int, whose: tuple[int, int]) -> Row:
    guild_id, member_id = whose
    return {
        "id": id_,
        "guild_id": guild_id,
        "member_id": member_id,
        "options_json": "{}",
        "picture_url": "https://cdn.example/another",
        "picture_bytes": 1,
        "expires_at": _FAR,
    }
