"""Every table that says something about a member: what of it they are given, and what is deleted.

`tests/bot/personal_data/test_columns.py` holds this list against the schema, so that a new column
has to be placed here. What is exported and deleted goes by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """A table with rows about members. Columns are names with blanks between them.

    Attributes:
        whose: The SQL condition of a member's rows, who is `:member`.
        exported: What a member is given.
        withheld: What they are not: secrets, other people, how the bot works.
        erased: The SQL value that takes the place of a column's when the member's data is deleted.
        kept: The columns that stay then.
        also_erased: The SQL condition of other people's rows that are erased too: they are about
            the member, who is not given them.
        deletes_rows: Whether rows are deleted instead, in whole.
        job: The column with the job's id, where rows are erased with their job, once it has ended.
    """

    whose: str
    exported: str
    withheld: str = ""
    erased: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    kept: str = ""
    also_erased: str = "0"
    deletes_rows: bool = False
    job: str = ""


_NULL: Final = "NULL"
_NONE: Final = "0"
_EMPTY: Final = "''"
_OF_THEIR_JOBS: Final = "job_id IN (SELECT id FROM jobs WHERE member_id = :member)"

_JOBS: Final = PersonalTable(
    whose="member_id = :member",
    exported="""
        id interaction_id guild_id channel_id member_id message_id provider options_json
        price_micro_usd role_ids language member_language needs_review state ticket_json
        charge_micro_usd failure
        reference may_be_billed cancel_reason created_at submitted_at rendered_at ended_at
        cancelled_at removed_at remove_reason doubt picture_file poster_file picture_hash
        notice_message_id member_since notes_json
    """,
    # `order_json` says the same as the options, in the provider's words.
    withheld="""
        token token_until application_id upload_limit resolution duration idempotency_key order_json
        cancelled_by removed_by due_at claim attempts failing_since awaits_read_back
        picture_channel_id picture_message_id tell cancel_counts mean_wait_ms
        promised_at shown_progress has_details
    """,
    erased={
        # Not what `interaction_id` of a job to come can be: it says that the job is erased.
        "interaction_id": "-id",
        "channel_id": _NONE,
        "message_id": _NONE,
        "token": _NULL,
        "options_json": "json_object('resolution', resolution, 'duration', duration)",
        "role_ids": "'[]'",
        "language": "'en'",
        "member_language": _NULL,
        "idempotency_key": _NULL,
        "order_json": _NULL,
        # A clip that was shown has a ticket; a constraint says so.
        "ticket_json": "CASE state WHEN 'delivered'"
        " THEN json_object('provider', provider, 'id', 'erased') END",
        "reference": _EMPTY,
        "cancel_reason": _EMPTY,
        "remove_reason": _EMPTY,
        "picture_channel_id": _NULL,
        "picture_message_id": _NULL,
        "picture_file": _NULL,
        "picture_hash": _NULL,
        "poster_file": _NULL,
        "notice_message_id": _NULL,
        "member_since": _NULL,
        "promised_at": _NULL,
        "shown_progress": _EMPTY,
        "notes_json": "'{}'",
        "has_details": _NONE,
    },
    # What reports, estimates and moderation count. Of `member_id`: `erasure.unlink`.
    kept="""
        id guild_id member_id application_id token_until upload_limit provider resolution duration
        price_micro_usd needs_review state charge_micro_usd failure may_be_billed cancelled_by
        created_at submitted_at rendered_at ended_at removed_at removed_by due_at claim attempts
        failing_since awaits_read_back doubt cancelled_at tell cancel_counts mean_wait_ms
    """,
    job="id",
)

DETAILS: Final = (
    "token",
    "options_json",
    "role_ids",
    "idempotency_key",
    "order_json",
    "ticket_json",
    "cancel_reason",
    "remove_reason",
    "picture_channel_id",
    "picture_message_id",
    "picture_file",
    "poster_file",
    "picture_hash",
    "member_since",
    "promised_at",
    "shown_progress",
    "notes_json",
    "has_details",
)
"""The columns of `jobs` that are erased some days after its end, whoever asks for it. The others,
by which a clip is found in the chat and its member in a list, are erased with the name."""

PERSONAL: Final[Mapping[str, PersonalTable]] = {
    "jobs": _JOBS,
    "reviews": PersonalTable(
        whose=_OF_THEIR_JOBS,
        exported="job_id asked_at verdict decided_at",
        withheld="channel_id message_id actor_id",
        erased={"channel_id": _NONE, "message_id": _NONE},
        kept="job_id asked_at verdict actor_id decided_at",
        job="job_id",
    ),
    "offers": PersonalTable(
        whose="member_id = :member",
        exported="id guild_id member_id options_json picture_url picture_bytes expires_at",
        deletes_rows=True,
    ),
    "member_defaults": PersonalTable(
        whose="member_id = :member",
        exported="""
            guild_id member_id resolution duration negative_prompt tell spoiler language
        """,
        deletes_rows=True,
    ),
    # Gone within some days, with the messages.
    "notices": PersonalTable(
        whose="member_id = :member",
        exported="message_id guild_id channel_id member_id delete_at",
        withheld="give_up_at",
        kept="message_id guild_id channel_id member_id delete_at give_up_at",
    ),
    "closed_direct_messages": PersonalTable(
        whose="member_id = :member", exported="member_id since", deletes_rows=True
    ),
    "picture_requests": PersonalTable(
        # Of whoever only opened a form, its picture's owner was not told, and is not told here.
        whose="(member_id = :member OR (owner_id = :member AND state <> 'chosen'))",
        also_erased="owner_id = :member",
        exported="""
            id guild_id member_id owner_id message_id pictures_json options_json state channel_id
            asked_at answer answered_at job_id expires_at
        """,
        # What is still open ends within a day. The rest says whose the picture of a clip is.
        erased={
            it: f"iif(state IN ('chosen', 'asked', 'granted'), {it}, NULL)"
            for it in ("pictures_json", "options_json")
        },
        kept="""
            id guild_id member_id owner_id message_id state channel_id asked_at answer answered_at
            job_id expires_at
        """,
    ),
    "picture_consents": PersonalTable(
        whose="(owner_id = :member OR member_id = :member)",
        exported="guild_id owner_id member_id given_at",
        deletes_rows=True,
    ),
    # To ask nobody for their pictures any more is a wish that outlives everything else.
    "picture_opt_outs": PersonalTable(
        whose="owner_id = :member", exported="owner_id since", kept="owner_id since"
    ),
    "word_hits": PersonalTable(
        whose="member_id = :member",
        exported="guild_id member_id day hits last_hit_at",
        # Members are not told what is on the list of moderators.
        withheld="word is_pattern",
        deletes_rows=True,
    ),
    "remembered_pictures": PersonalTable(
        whose=f"last_member_id = :member OR {_OF_THEIR_JOBS}",
        exported="job_id guild_id picture_hash remembered_at refusals last_refused_at",
        withheld="actor_id last_member_id",
        erased={"last_member_id": "iif(last_member_id = :member, 0, last_member_id)"},
        # What moderators refuse stays refused, by whomever it is sent.
        kept="job_id guild_id picture_hash actor_id remembered_at refusals last_refused_at",
    ),
    # Reports of clips, by whoever made them; all other messages have numbers of clips and of acts.
    "log_messages": PersonalTable(
        whose="kind = 'clip_reported' AND json_extract(data_json, '$.reporter') = :member",
        exported="guild_id kind data_json created_at sent_at",
        withheld="id dedup_key due_at",
        # What somebody else wrote of the member's clip may quote it.
        also_erased="kind = 'clip_reported' AND json_extract(data_json, '$.member') = :member",
        # Sent or not. Who reported what stays: nobody reports it twice, or many in a day.
        erased={"data_json": "json_set(data_json, '$.reason', '')"},
        kept="id guild_id dedup_key kind created_at sent_at due_at",
    ),
    # Gone within a quarter of an hour, when the request is decided or apologised for.
    "unanswered_interactions": PersonalTable(
        whose="member_id = :member",
        exported="interaction_id guild_id channel_id member_id message_id",
        withheld="application_id token token_until",
        kept="""
            interaction_id guild_id channel_id member_id message_id application_id token token_until
        """,
    ),
    # The books. Of `member_id`: `erasure.unlink`.
    "ledger": PersonalTable(
        whose="member_id = :member",
        exported="""
            id guild_id member_id job_id kind clips micro_usd member_clips member_micro_usd
            grant_clips grant_micro_usd counts_at entered_at
        """,
        withheld="actor_id",
        kept="""
            id guild_id member_id job_id kind clips micro_usd member_clips member_micro_usd
            grant_clips grant_micro_usd actor_id counts_at entered_at
        """,
    ),
    "member_totals": PersonalTable(
        whose="member_id = :member",
        exported="guild_id member_id counts_at clips micro_usd grant_clips grant_micro_usd",
        kept="guild_id member_id counts_at clips micro_usd grant_clips grant_micro_usd",
    ),
    # What moderators decided about a member is not the member's to undo.
    "blocks": PersonalTable(
        whose="member_id = :member",
        exported="guild_id member_id blocked_at blocked_until reason",
        kept="guild_id member_id blocked_at blocked_until reason",
    ),
    "rules": PersonalTable(
        whose="scope = 'member' AND target_id = :member",
        exported="guild_id scope target_id unit time_window amount",
        kept="guild_id scope target_id unit time_window amount",
    ),
    "exemptions": PersonalTable(
        whose="scope = 'member' AND target_id = :member",
        exported="guild_id scope target_id",
        kept="guild_id scope target_id",
    ),
    "grants": PersonalTable(
        whose="scope = 'member' AND target_id = :member",
        exported="id guild_id scope target_id clips micro_usd ends_at",
        kept="id guild_id scope target_id clips micro_usd ends_at",
    ),
    "grant_draws": PersonalTable(
        whose="member_id = :member",
        exported="job_id grant_id member_id clips micro_usd",
        kept="job_id grant_id member_id clips micro_usd",
    ),
    # Acts about the member, and those that they did as a moderator, which are about others.
    "audit": PersonalTable(
        whose="(subject_kind = 'member' AND subject_id = :member) OR actor_id = :member",
        exported="id guild_id done_at action subject_kind reason",
        withheld="actor_id subject_id before_json after_json",
        kept="""
            id guild_id done_at actor_id action subject_kind subject_id before_json after_json
            reason
        """,
    ),
    "erasures": PersonalTable(
        whose="member_id = :member",
        exported="member_id asked_at done",
        # Until `erasure.unlink`.
        kept="member_id asked_at done",
    ),
}
"""By the table's name, in the order of an export."""

NOT_PERSONAL: Final = frozenset(
    {
        "automod_rules",
        "blocked_words",
        "budget_checks",
        "channel_rules",
        "guild_settings",
        "guild_totals",
        "key_values",
        "known_guilds",
        "owner_state",
        # Without whose it was.
        "provider_erasures",
    }
)
"""The tables that say nothing about members."""


def columns_in(names: str) -> list[str]:
    """Split the columns of a `PersonalTable`."""
    return names.split()
