"""What members press under clips and under questions, beside the rest that moves money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.base import to_ms
from bot.jobs import job_store
from bot.jobs.job import JobState
from bot.media.still import Still
from bot.moderation.authority import ClipAuthority
from bot.moderation.clip_details import ClipRef
from bot.moderation.clip_service import ClipService, Removal
from bot.requests.consent_service import ConsentService
from bot.requests.kept_address import kept_address
from bot.requests.kept_pictures import KeptPictures
from bot.requests.member_clips import ClipPress, MemberClipService
from bot.requests.picture_requests import ChosenPicture, FoundPictures
from pika import Ticket
from tests.bot.quota.ledger_harness import LedgerHarness
from tests.bot.rows import enqueue, request

if TYPE_CHECKING:
    from bot.base import Limit
    from bot.guilds.audit import Actor
    from bot.jobs.job import Job
    from bot.jobs.transitions import Bill
    from bot.requests.request import AcceptedRequest, AnimateRequest, Requester
    from tests.bot.quota.drawn_requests import Request

CHANNEL = 30
PICTURE = ChosenPicture("https://cdn.example/other.jpg", 100_000, "other.jpg")


class Chat:
    """Discord, which deletes whatever it is told to."""

    async def remove_clip(self, job: Job) -> None:
        """Delete the messages of a clip."""

    async def tell_removed(self, job: Job, *, refunded: bool) -> bool:
        return bool(job.id) or refunded


class PressHarness(LedgerHarness):
    """Buttons, menus and consent, by the services that they call."""

    async def _enter(self, default: Limit, ceiling: int | None) -> None:
        await super()._enter(default, ceiling)
        database, pika = self.database, self.requests.pika

        def nothing(*_: object) -> None:
            """No worker runs whose steps could be aborted, or that could be woken."""

        chat = Chat()
        self.kept = KeptPictures(database, self.pictures)
        self.consents = ConsentService(database, lambda: self.now, nothing)
        self.own_clips = MemberClipService(
            database,
            pika,
            chat,  # type: ignore[arg-type] # the one method that is called
            lambda: self.now,
            nothing,
            nothing,
            nothing,
        )
        self.moderation = ClipService(
            database,
            chat,  # type: ignore[arg-type] # the two methods that are called
            self.pictures,
            lambda: self.now,
            nothing,
        )

    async def job(self, job_id: int) -> Job:
        return await self.database.read(lambda tx: job_store.get(tx, job_id))

    async def press(self, job_id: int, who: Requester) -> ClipPress:
        """A press under a clip, by somebody in a guild."""
        found = await self.job(job_id)
        return ClipPress(who.guild_id, CHANNEL, who.member_id, found.reply_to.interaction_id)

    # Again

    async def again_request(self, job_id: int, who: Requester) -> AnimateRequest:
        """What *Again* asks for, where it may be asked for."""
        press = await self.press(job_id, who)
        options = (await self.kept.find(press)).options.model_copy(update={"seed": None})
        return replace(request(options, who), picture_url=kept_address(press.interaction_id))

    async def kept_still(self, asked: AnimateRequest) -> Still:
        place = asked.who.guild_id, CHANNEL
        return await self.kept.still(place, asked.who.member_id, asked.picture_url)

    async def again(self, job_id: int, who: Requester) -> AcceptedRequest:
        asked = await self.requests.precheck(await self.again_request(job_id, who))
        return await enqueue(self.requests, asked, read_picture=lambda: self.kept_still(asked))

    # Cancel and delete

    async def order(self, job_id: int) -> None:
        """Let Pika begin with a queued job."""
        ticket = Ticket(provider="pika", id=f"media_{job_id}").model_dump_json()
        now = to_ms(self.now)
        job = await self.job(job_id)
        await self.transitions.move_to(
            job, JobState.RENDERING, ticket_json=ticket, submitted_at=now
        )

    async def cancel_own(self, job_id: int, who: Requester, *, only_if_free: bool) -> bool:
        """Return whether it was done."""
        press = await self.press(job_id, who)
        return await self.own_clips.cancel(press, only_if_free=only_if_free) is not None

    async def end_cancelled(self, job_id: int, bill: Bill, charge: int | None = None) -> None:
        """The next step of a cancelled job that Pika has."""
        job = await self.job(job_id)
        columns = {} if charge is None else {"charge_micro_usd": charge}
        await self.transitions.end_cancelled(job, bill, **columns)

    async def take_down(self, job_id: int, by: Actor) -> None:
        """By a moderator, who gives the member the cost back."""
        authority = ClipAuthority(manages_server=False)
        await self.moderation.remove(by, authority, ClipRef(job_id), Removal(refund=True))

    # Other people's pictures

    async def choose(self, asked: Request, owner: int) -> int:
        """Choose somebody's avatar; return the number of the form."""
        found = FoundPictures(owner, (PICTURE,))
        return (await self.consents.choose(asked.holder, found)).request_id

    async def ask_owner(self, asked: Request, form: int) -> None:
        """Post the question, where this very request is none that is refused anyway."""
        await self.requests.precheck(replace(asked.request, picture_request_id=form))
        chosen = await self.consents.chosen(asked.holder, form)
        await self.consents.ask(replace(chosen, options=asked.request.options), CHANNEL)

    async def start(self, asked: Request, owner: int, form: int) -> AcceptedRequest:
        """Start what was asked for, if it was allowed."""
        wanted = replace(asked.request, picture_request_id=form)
        prechecked = await self.requests.precheck(wanted)

        async def read_picture() -> Still:
            await self.requests.check_again(prechecked)
            return still_of(owner)

        return await enqueue(self.requests, prechecked, read_picture=read_picture)


def still_of(owner: int) -> Still:
    """Somebody's picture."""
    return Still(b"\xff\xd8 a picture of %d \xff\xd9" % owner, 640, 360)
