"""Animating pictures that are in the chat already: whose they are, and whether they say yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import service
from bot.jobs.cancel_step import cancel_without_consent
from bot.requests import consents, standing_consents

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.quota.ledger import MemberKey
    from bot.requests.consents import Answer
    from bot.requests.picture_requests import FoundPictures, PictureRequest
    from bot.requests.standing_consents import OwnConsents


@service
class ConsentService:
    """Keeps chosen pictures, questions for them, and what their owners say.

    Nothing is fetched, reserved or sent to the provider here. What owners refuse or take back is
    recorded wherever they say so, also in closed guilds.

    Attributes:
        abort_steps: Called after jobs were cancelled, with the ids of those whose leases were
            revoked.
    """

    database: Database
    clock: Clock
    abort_steps: Callable[[Collection[int]], None]

    async def choose(self, member_key: MemberKey, found: FoundPictures) -> consents.Form:
        """Keep pictures for a member's form.

        Those in the message of a clip are whose they were when it was made.

        Raises:
            OwnerNotAskableError: Nobody can tell whose they are.
            RequestRefusedError: As `consents.needs_question`.
        """
        now = self.clock()

        return await self.database.write(lambda tx: consents.choose(tx, member_key, found, now))

    async def chosen(self, member_key: MemberKey, request_id: int) -> PictureRequest:
        """The pictures of a member's own form.

        Raises:
            PictureRequestGoneError: It is too old, or not theirs.
        """
        now = self.clock()
        return await self.database.read(lambda tx: consents.chosen(tx, member_key, request_id, now))

    async def needs_question(self, request: PictureRequest) -> bool:
        """Whether the owner of a picture has to be asked first; raises as `consents` does."""
        return await self.database.read(lambda tx: consents.needs_question(tx, request))

    async def ask(self, request: PictureRequest, channel_id: int) -> None:
        """Record a question that is about to be shown, for one picture with its options.

        Raises:
            RequestRefusedError: As `consents.ask`.
        """
        now = self.clock()
        await self.database.write(lambda tx: consents.ask(tx, request, channel_id, now))

    async def withdraw(self, request_id: int) -> None:
        """Forget a question that could not be shown."""
        await self.database.write(lambda tx: consents.withdraw(tx, request_id))

    async def question(self, guild_id: int, request_id: int) -> PictureRequest:
        """A question that is open, or whose yes was not used.

        Raises:
            ConsentGoneError: It is too old, or used, or was answered with a no.
        """
        now = self.clock()
        return await self.database.read(lambda tx: consents.question(tx, guild_id, request_id, now))

    async def answer(self, owner_key: MemberKey, request_id: int, answer: Answer) -> PictureRequest:
        """Record what the owner of a picture says; return the question as it was.

        Raises:
            ConsentGoneError: As `question`.
            DatabaseLostError: It could not be kept.
            NotAskedError: Somebody else is asked.
        """
        self.database.check_file()
        now = self.clock()

        def record(tx: Transaction) -> tuple[PictureRequest, list[int]]:
            found = consents.question(tx, owner_key.guild_id, request_id, now)
            job_ids = consents.record_answer(tx, found, owner_key.member_id, answer, now)
            return found, cancel_without_consent(tx, job_ids, now)

        request, revoked = await self.database.write(record)
        self.abort_steps(revoked)
        return request

    async def is_granted(self, request_id: int) -> bool:
        """Whether there is a yes that was not used yet."""
        now = self.clock()
        return await self.database.read(lambda tx: consents.is_granted(tx, request_id, now))

    async def own(self, owner_key: MemberKey) -> OwnConsents:
        """What somebody has said about their own pictures."""
        return await self.database.read(lambda tx: standing_consents.get(tx, *_ids(owner_key)))

    async def opt_out(self, owner_key: MemberKey, *, is_wanted: bool) -> OwnConsents:
        """Let nobody else animate somebody's pictures in any guild, or let them be asked again.

        Others' clips in the making from their pictures are cancelled.

        Raises:
            DatabaseLostError: It could not be kept.
        """

        def change(tx: Transaction, now: datetime) -> list[int]:
            if is_wanted:
                return consents.opt_out(tx, owner_key.member_id, now)
            standing_consents.remove_opt_out(tx, owner_key.member_id)
            return []

        return await self._change(owner_key, change)

    async def take_back(self, owner_key: MemberKey) -> OwnConsents:
        """End every yes of somebody in all guilds, and cancel what is in the making by them.

        Raises:
            DatabaseLostError: It could not be kept.
        """
        return await self._change(
            owner_key, lambda tx, now: consents.take_back(tx, owner_key.member_id, now)
        )

    async def _change(
        self, owner_key: MemberKey, change: Callable[[Transaction, datetime], list[int]]
    ) -> OwnConsents:
        self.database.check_file()
        now = self.clock()

        def write(tx: Transaction) -> tuple[OwnConsents, list[int]]:
            revoked = cancel_without_consent(tx, change(tx, now), now)
            return standing_consents.get(tx, *_ids(owner_key)), revoked

        own, revoked = await self.database.write(write)
        self.abort_steps(revoked)
        return own


def _ids(owner_key: MemberKey) -> tuple[int, int]:
    return owner_key.guild_id, owner_key.member_id
