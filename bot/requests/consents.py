"""Asking whether another member's picture may be animated, as rows: question, answer, use."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.base import DIRECT_MESSAGES, Timeouts, to_ms, value
from bot.guilds import guild_settings
from bot.guilds.guild_settings import OthersPictures
from bot.jobs.job import NO_MESSAGE
from bot.requests import errors, picture_requests, standing_consents

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger import MemberKey
    from bot.requests.picture_requests import FoundPictures, PictureRequest

ASKED_A_DAY: Final = 5
"""The most questions that a member asks in a day, over all guilds, and that anybody is asked."""


class Answer(StrEnum):
    """What the owner of a picture said. Stored."""

    ONCE = "once"
    ALWAYS = "always"
    NO = "no"
    NEVER = "never"


@value
class Form:
    """A form that is about to be shown, in a guild with these settings."""

    request_id: int
    settings: GuildSettings


def choose(tx: Transaction, member_key: MemberKey, found: FoundPictures, now: datetime) -> Form:
    """Keep pictures for a member's form.

    Raises:
        OthersPicturesDirectlyError: In direct messages, they are not the member's own.
        OwnerNotAskableError: Nobody can tell whose they are.
        RequestRefusedError: As `needs_question`.
    """
    owner_id = _owner_of_message(tx, found.message_id) or found.owner_id
    if member_key.guild_id == DIRECT_MESSAGES and owner_id != member_key.member_id:
        raise errors.OthersPicturesDirectlyError
    if owner_id is None:
        raise errors.OwnerNotAskableError
    request_id = picture_requests.add(tx, member_key, owner_id, found, now)
    if owner_id != member_key.member_id:
        needs_question(tx, chosen(tx, member_key, request_id, now))
    return Form(request_id, guild_settings.get(tx, member_key.guild_id))


def chosen(
    tx: Transaction, member_key: MemberKey, request_id: int, now: datetime
) -> PictureRequest:
    """The pictures of a member's own form.

    Raises:
        PictureRequestGoneError: It is too old, or not theirs.
    """
    found = picture_requests.find_chosen(tx, member_key, request_id, now)
    if found is None:
        raise errors.PictureRequestGoneError
    return found


def needs_question(tx: Transaction, request: PictureRequest) -> bool:
    """Whether the owner has to be asked before another member animates their picture.

    Raises:
        OthersPicturesForbiddenError: The guild allows it to nobody.
        OwnerOptedOutError: The owner does.
    """
    rule = guild_settings.get(tx, request.guild_id).others_pictures
    if rule is OthersPictures.NEVER:
        raise errors.OthersPicturesForbiddenError
    if standing_consents.has_opted_out(tx, request.owner_id):
        raise errors.OwnerOptedOutError(request.owner_id)
    people = request.guild_id, request.owner_id, request.member_id
    return rule is OthersPictures.ASK and not standing_consents.is_allowed(tx, *people)


def ask(tx: Transaction, request: PictureRequest, channel_id: int, now: datetime) -> None:
    """Record that an owner is about to be asked for one picture and one use of it.

    Raises:
        QuestionOpenError: The member's last question to them has no answer yet.
        TooManyQuestionsError: The member has asked, or the owner was asked, too often lately.
    """
    sweep(tx, now)
    people = {"member": request.member_id, "owner": request.owner_id}
    since = to_ms(now - Timeouts.CONSENT_LIFE)
    if tx.one(
        "SELECT 1 FROM picture_requests WHERE member_id = :member AND owner_id = :owner"
        " AND state = 'asked' AND expires_at > :now",
        {**people, "now": to_ms(now)},
    ):
        raise errors.QuestionOpenError(request.owner_id)
    for column in ("member_id", "owner_id"):
        asked = tx.all(
            f"SELECT count(*) FROM picture_requests WHERE {column} = :who AND asked_at > :since",
            {"who": getattr(request, column), "since": since},
        )
        if asked[0][0] >= ASKED_A_DAY:
            raise errors.TooManyQuestionsError(by_member=column == "member_id")
    _update(
        tx,
        request.id,
        state="asked",
        pictures_json=json.dumps([asdict(it) for it in request.pictures]),
        options_json=request.options.model_dump_json() if request.options else None,
        channel_id=channel_id,
        asked_at=to_ms(now),
        expires_at=to_ms(now + Timeouts.CONSENT_LIFE),
    )


def withdraw(tx: Transaction, request_id: int) -> None:
    """Forget a question that was not shown."""
    tx.execute(
        "DELETE FROM picture_requests WHERE id = :id AND state = 'asked'", {"id": request_id}
    )


def record_answer(
    tx: Transaction, request: PictureRequest, actor_id: int, answer: Answer, now: datetime
) -> list[int]:
    """Record an owner's answer. Repeated while a yes is not used, it changes nothing more.

    Returns:
        The ids of jobs in progress that must end, since the owner wants no such clip any more.

    Raises:
        NotAskedError: The actor is not the owner.
    """
    if request.owner_id != actor_id:
        raise errors.NotAskedError(request.owner_id)
    if answer is Answer.NEVER:
        _answered(tx, request.id, answer, now)
        return opt_out(tx, request.owner_id, now)
    if answer is Answer.NO:
        _answered(tx, request.id, answer, now)
        return []
    if answer is Answer.ALWAYS:
        people = request.guild_id, request.owner_id, request.member_id
        standing_consents.add(tx, *people, now)
    until = to_ms(now + Timeouts.CONSENT_LIFE)
    at = to_ms(now)
    _update(tx, request.id, state="granted", answer=answer, answered_at=at, expires_at=until)
    return []


def question(tx: Transaction, guild_id: int, request_id: int, now: datetime) -> PictureRequest:
    """A question that is open, or whose yes was not used.

    Raises:
        ConsentGoneError: There is no such one, or it is too old.
    """
    row = _open_row(tx, request_id, now, "asked", "granted")
    if row is None or row["guild_id"] != guild_id:
        raise errors.ConsentGoneError
    return picture_requests.from_row(row)


def check_reuse(tx: Transaction, job_id: int, member_id: int) -> None:
    """Check that a member may have another clip made of the picture that a job was made of.

    It is somebody else's where any job of the same file was, which is named by its content: a yes
    to one use is none to the next.

    Raises:
        ConsentGoneError: Its owner would have to be asked.
        OthersPicturesForbiddenError: As `needs_question`, as the next.
        OwnerOptedOutError: Since the yes.
    """
    rows = tx.all(
        "SELECT picture_requests.* FROM jobs AS asked JOIN jobs AS earlier"
        " ON earlier.guild_id = asked.guild_id AND earlier.picture_file = asked.picture_file"
        " JOIN picture_requests ON job_id = earlier.id WHERE asked.id = :job GROUP BY owner_id",
        {"job": job_id},
    )
    found = [replace(picture_requests.from_row(it), member_id=member_id) for it in rows]
    # Several people may have posted the same file: who is one of them needs nobody, and anybody
    # else needs all.
    if any(it.owner_id == member_id for it in found):
        return
    if any(needs_question(tx, it) for it in found):
        raise errors.ConsentGoneError


def is_granted(tx: Transaction, request_id: int, now: datetime) -> bool:
    """Whether a yes is there that was not used yet."""
    return _open_row(tx, request_id, now, "granted") is not None


def check_usable(tx: Transaction, request_id: int, now: datetime) -> None:
    """Check that a picture may be animated, by a yes to this very use or by a standing one.

    Raises:
        ConsentGoneError: It may not, or was already.
        OthersPicturesForbiddenError: As `needs_question`, as the next.
        OwnerOptedOutError: Since the yes.
    """
    row = _open_row(tx, request_id, now, "chosen", "granted")
    if row is None:
        raise errors.ConsentGoneError
    if needs_question(tx, picture_requests.from_row(row)) and row["state"] != "granted":
        raise errors.ConsentGoneError


def use(tx: Transaction, request_id: int, job_id: int, now: datetime) -> None:
    """Use a consent for a job, in the transaction that stores the job; raises as `check_usable`."""
    check_usable(tx, request_id, now)
    _update(tx, request_id, state="used", job_id=job_id, pictures_json=None, options_json=None)


def keep_owners(tx: Transaction, job_id: int, member_id: int, now: datetime) -> None:
    """Record whose picture a job is made of that a button under another clip began.

    `check_reuse` goes by the jobs of the same file. Earlier ones forget it first, when its time is
    over or their member has their data deleted.
    """
    tx.execute(
        "INSERT INTO picture_requests (guild_id, member_id, owner_id, state, job_id, expires_at)"
        " SELECT DISTINCT made.guild_id, :member, owner_id, 'used', made.id, :now FROM jobs AS made"
        " JOIN jobs AS earlier"
        " ON earlier.guild_id = made.guild_id AND earlier.picture_file = made.picture_file"
        " JOIN picture_requests ON job_id = earlier.id"
        " WHERE made.id = :job AND owner_id <> :member",
        {"job": job_id, "member": member_id, "now": to_ms(now)},
    )


def opt_out(tx: Transaction, owner_id: int, now: datetime) -> list[int]:
    """Let nobody else animate somebody's pictures any more; returns as `take_back`."""
    standing_consents.put_opt_out(tx, owner_id, now)
    return take_back(tx, owner_id, now)


def take_back(tx: Transaction, owner_id: int, now: datetime) -> list[int]:
    """End every yes of somebody, in all guilds, and every question to them.

    Returns:
        The ids of others' jobs in progress that are made from their pictures, also of those that
        were begun by a button under an earlier clip.
    """
    named = {"owner": owner_id, "now": to_ms(now)}
    standing_consents.remove_all(tx, owner_id)
    tx.execute(
        "UPDATE picture_requests SET state = 'refused', pictures_json = NULL, options_json = NULL,"
        " answer = coalesce(answer, 'never'), answered_at = :now"
        " WHERE owner_id = :owner AND state IN ('asked', 'granted')",
        named,
    )
    return [int(row[0]) for row in tx.all(_OTHERS_JOBS, {"owner": owner_id})]


# A file is named by its content, so that a later clip of the same picture names the same one.
_OTHERS_JOBS: Final = """
    SELECT DISTINCT jobs.id FROM picture_requests
    JOIN jobs AS asked ON asked.id = picture_requests.job_id
    JOIN jobs ON jobs.id = asked.id OR (
        jobs.picture_file = asked.picture_file AND jobs.guild_id = asked.guild_id
        AND jobs.id > asked.id)
    WHERE owner_id = :owner AND jobs.member_id <> :owner
    AND jobs.ended_at IS NULL AND jobs.cancelled_by IS NULL
    AND jobs.state IN ('queued', 'submitting', 'rendering', 'rendered')
"""


def _owner_of_message(tx: Transaction, message_id: int) -> int | None:
    """Whose picture a clip was made of, by the clip's message; `None` where it is its member's.

    As for `check_reuse`, that is told by any job of the same file: one of a button under another
    clip has no request of its own.
    """
    # The message of an avatar, and that of a clip whose member had their data deleted.
    if message_id == NO_MESSAGE:
        return None
    row = tx.one(
        "SELECT owner_id FROM jobs AS shown JOIN jobs AS made ON made.id = shown.id"
        " OR (made.guild_id = shown.guild_id AND made.picture_file = shown.picture_file)"
        " JOIN picture_requests ON job_id = made.id WHERE shown.message_id = :message"
        " ORDER BY made.id = shown.id DESC LIMIT 1",
        {"message": message_id},
    )
    return None if row is None else int(row["owner_id"])


def sweep(tx: Transaction, now: datetime) -> None:
    """Forget the pictures and the words of questions that nobody answered or used in time."""
    tx.execute(
        "UPDATE picture_requests SET state = 'refused', pictures_json = NULL, options_json = NULL"
        " WHERE state IN ('asked', 'granted') AND expires_at <= :now",
        {"now": to_ms(now)},
    )


def _answered(tx: Transaction, request_id: int, answer: Answer, now: datetime) -> None:
    _update(
        tx,
        request_id,
        state="refused",
        answer=answer,
        answered_at=to_ms(now),
        pictures_json=None,
        options_json=None,
    )


def _open_row(tx: Transaction, request_id: int, now: datetime, *states: str) -> SqlRow | None:
    return tx.one(
        "SELECT * FROM picture_requests WHERE id = :id AND expires_at > :now"
        " AND state IN (SELECT value FROM json_each(:states))",
        {"id": request_id, "now": to_ms(now), "states": json.dumps(states)},
    )


def _update(tx: Transaction, request_id: int, **columns: SqlValue) -> None:
    changes = ", ".join(f"{name} = :{name}" for name in columns)
    tx.execute(
        f"UPDATE picture_requests SET {changes} WHERE id = :id", {"id": request_id, **columns}
    )
