"""Whom a moderator may block, as a plain reading of the rule over every pair of ranks."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from bot.guilds.audit import Actor
from bot.moderation.authority import BlockAuthority, Rank, check_may_block, check_may_unblock
from bot.moderation.errors import BlockError, BlockProblem
from tests.bot.rows import GUILD, MIA, MODERATOR

if TYPE_CHECKING:
    from collections.abc import Callable

BY = Actor(GUILD, MODERATOR)
# From the lowest on: no role, two roles at one position of which the older is higher, a higher one.
LADDER = [Rank(), Rank(position=1, age=-9), Rank(position=1, age=-5), Rank(position=2, age=-7)]
OWNER = Rank(is_owner=True, position=1, age=-9)


@pytest.mark.parametrize("check", [check_may_block, check_may_unblock])
def test_only_those_below_can_be_blocked_or_unblocked(
    check: Callable[[BlockAuthority, Actor, int], None],
) -> None:
    for actor, member in product(range(len(LADDER)), repeat=2):
        authority = BlockAuthority(LADDER[actor], LADDER[member])
        if member < actor:
            check(authority, BY, MIA)
            continue
        with pytest.raises(BlockError) as refused:
            check(authority, BY, MIA)
        assert refused.value.problem is BlockProblem.NOT_BELOW


@pytest.mark.parametrize("check", [check_may_block, check_may_unblock])
def test_the_owner_is_above_all_and_nobody_decides_about_them(
    check: Callable[[BlockAuthority, Actor, int], None],
) -> None:
    check(BlockAuthority(OWNER, LADDER[-1]), BY, MIA)
    with pytest.raises(BlockError) as refused:
        check(BlockAuthority(LADDER[-1], OWNER), BY, MIA)
    assert refused.value.problem is BlockProblem.OWNER


def test_nobody_decides_about_themselves_but_the_owner_lifts_what_was_set_before() -> None:
    own = BlockAuthority(LADDER[-1], LADDER[-1])
    for check in (check_may_block, check_may_unblock):
        with pytest.raises(BlockError) as refused:
            check(own, BY, MODERATOR)
        assert refused.value.problem is BlockProblem.ONESELF
    with pytest.raises(BlockError):
        check_may_block(BlockAuthority(OWNER, OWNER), BY, MODERATOR)
    check_may_unblock(BlockAuthority(OWNER, OWNER), BY, MODERATOR)
