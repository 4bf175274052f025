"""A request as data: its member, its options, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import Cost, value
from bot.quota.ledger import MemberKey

if TYPE_CHECKING:
    from datetime import datetime

    from bot.jobs.animate_options import AnimateOptions
    from bot.jobs.job import Job
    from bot.jobs.wait_forecast import WaitForecast
    from bot.moderation.clip_details import ClipDetails
    from bot.quota.rules import Allowance


@value
class Requester:
    """The member who asks, as Discord describes them at that moment.

    Attributes:
        created_at: When their account was made.
        joined_at: When they joined the guild; `None` if Discord does not say.
        language: The code of the language in which they alone are told something.
    """

    guild_id: int
    member_id: int
    role_ids: frozenset[int]
    created_at: datetime
    joined_at: datetime | None
    language: str | None = None

    @property
    def member_since(self) -> datetime:
        """From when on they count as a newcomer: an old account may be new to this guild."""
        return max(self.created_at, self.joined_at or self.created_at)


@value
class Place:
    """Where somebody asks for a clip, as Discord describes it.

    Attributes:
        channel_ids: The thread or channel, then what it is in: its channel, and its category.
        is_age_restricted: `None` where the bot cannot tell.
    """

    channel_ids: tuple[int, ...]
    is_age_restricted: bool | None = False


@value
class PricedOptions:
    """Options with every default filled in, and their price."""

    options: AnimateOptions
    price_micro_usd: int

    @property
    def cost(self) -> Cost:
        """One clip at this price."""
        return Cost(clips=1, micro_usd=self.price_micro_usd)


@value
class AnimateRequest:
    """All that is known of a request before the picture is fetched.

    Attributes:
        options: As the member chose them.
        place: Where the member asks.
        upload_limit: The largest file, in bytes, that Discord says it takes here.
        picture_url: Discord's address of the original picture, good for about a day. Only this
            bot fetches it: the cameras' notes are still in it.
        picture_bytes: The size of the picture, as Discord says; 0 of one that the bot itself
            keeps, whose address is a `kept_address`.
        picture_request_id: Of another member's picture: what their consent is looked up by, until
            the job is stored. Such a request is never kept as an offer.
        offer_id: The offer that this request accepts, which is then removed.
        priced: The result of `RequestService.precheck`; `None` before.
        uses_member_defaults: Whether what `options` leave out is still to be filled in with the
            member's defaults. Not where they are those of an earlier clip.
    """

    who: Requester
    options: AnimateOptions
    place: Place
    upload_limit: int
    picture_url: str
    picture_bytes: int
    picture_request_id: int | None = None
    offer_id: int | None = None
    priced: PricedOptions | None = None
    uses_member_defaults: bool = False

    @property
    def is_of_kept_picture(self) -> bool:
        """Whether it is for another clip of a picture that the bot keeps."""
        return self.picture_bytes == 0

    @property
    def member_key(self) -> MemberKey:
        """The member that the ledger books the cost to."""
        return MemberKey(self.who.guild_id, self.who.member_id)


@value
class AcceptedRequest:
    """An accepted request, which has what its member is told of picture and limits in the job.

    Attributes:
        wait: How many clips go before it, and when it is made.
    """

    job: Job
    wait: WaitForecast


@value
class MemberUsage:
    """A member's own usage.

    Attributes:
        open_jobs: The number of their jobs that are not at their end.
        failures: Their latest jobs without a clip, at most a day old.
        running: Those that may still become clips, the oldest first.
        removed: Those whose clips moderators removed lately.
        default_price_micro_usd: Of a clip without options; 0 where Pika makes none of that size.
        orders_stopped: Whether the provider takes no orders from this bot.
        refusals: A `RequestRefusedError` for each pause and block that keeps them from making
            clips now, the widest first.
    """

    allowance: Allowance
    open_jobs: int
    failures: tuple[Job, ...]
    default_price_micro_usd: int = 0
    orders_stopped: bool = False
    refusals: tuple[Exception, ...] = ()
    removed: tuple[Job, ...] = ()
    running: tuple[ClipDetails, ...] = ()
