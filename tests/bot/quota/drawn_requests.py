"""What members and moderators may ask for, as hypothesis draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from bot.base import Cost, Limit, Unit, Window
from bot.guilds.audit import Actor
from bot.jobs.animate_options import AnimateOptions
from bot.quota.ledger import MemberKey
from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, GUILD, LimitTarget, Scope
from tests.bot.quota.ledger_harness import ANYWHERE, BERLIN
from tests.bot.rows import request, requester

if TYPE_CHECKING:
    from bot.requests.request import AnimateRequest, Requester
    from pika import Duration, Resolution

MODERATOR = 99
HOLDERS = [MemberKey(BERLIN, 20), MemberKey(BERLIN, 21), MemberKey(ANYWHERE, 20)]
PRICES: dict[tuple[Resolution, Duration], int] = {
    ("720p", 5): 200_000,
    ("1080p", 5): 450_000,
    ("720p", 10): 400_000,
    ("1080p", 10): 600_000,
}


class Request(NamedTuple):
    """Who asks, in which roles, for what size."""

    holder: MemberKey
    roles: frozenset[int]
    size: tuple[Resolution, Duration]

    @property
    def cost(self) -> Cost:
        return Cost(1, PRICES[self.size])

    @property
    def who(self) -> Requester:
        return requester(self.holder.member_id, self.holder.guild_id, role_ids=self.roles)

    @property
    def request(self) -> AnimateRequest:
        """As a precheck or an enqueue takes it."""
        resolution, duration = self.size
        options = AnimateOptions(
            prompt="the sun rises", seed=7, resolution=resolution, duration=duration
        )
        return request(options, self.who)


def by(guild: int) -> Actor:
    return Actor(guild, MODERATOR, "because")


def whom(holder: MemberKey) -> ChosenTarget:
    return ChosenTarget(LimitTarget(Scope.MEMBER, holder.member_id))


holders = st.sampled_from(HOLDERS)
roles = st.frozensets(st.integers(1, 2))
sizes = st.sampled_from(list(PRICES))
windows = st.sampled_from([*Window, Window.DAY, Window.DAY, Window.MONTH])
dollars = st.integers(0, 15).map(lambda tenths: tenths * 100_000)
clips = st.sampled_from([0, 1, 1, 2, 2, 3, 3, 5])
limits = st.builds(Limit, clips, st.just(Unit.CLIPS), windows) | st.builds(
    Limit, dollars, st.just(Unit.USD), windows
)
subjects = (
    st.sampled_from([LimitTarget(Scope.MEMBER, holder.member_id) for holder in HOLDERS[:2]])
    | st.builds(LimitTarget, st.just(Scope.ROLE), st.integers(1, 2))
    | st.sampled_from([EVERYONE, GUILD])
)
guild_ids = st.sampled_from([BERLIN, ANYWHERE])
requests = st.builds(Request, holders, roles, sizes)
ceilings = st.none() | st.integers(10, 60).map(lambda tenths: tenths * 100_000)
# A request makes over 20 calls to the database, more with rules; anything else 8 to 15.
calls = st.integers(0, 15) | st.integers(0, 35)
