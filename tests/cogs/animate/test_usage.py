"""What a member has left, in words."""

from __future__ import annotations

import pytest

from bot.base import Limit, Window
from bot.quota.rules import EVERYONE, GUILD, LimitStatus, LimitTarget, Rule, Scope
from bot.requests.request import MemberUsage
from cogs.animate.usage import usage_text
from tests.cogs.samples import NOW, allowance


def test_usage_has_something_to_say_where_nothing_is_limited() -> None:
    assert usage_text(MemberUsage(allowance(), 0, ())) == "No limit is set for you here."
    shared = allowance(LimitStatus(Rule(GUILD, Limit.parse("5 clips a day")), 1, NOW))
    assert usage_text(MemberUsage(shared, 0, ())).startswith(
        "No limit is set for you here.\n**4 of"
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (LimitTarget(Scope.MEMBER, 7), "by your own limit of 5 clips a day"),
        (LimitTarget(Scope.ROLE, 7), "by the limit of 5 clips a day for <@&7>"),
        (EVERYONE, "by the limit of 5 clips a day for everyone"),
        (GUILD, "left today of the server's budget"),
    ],
)
def test_usage_tells_whose_limit_it_is(target: LimitTarget, expected: str) -> None:
    status = LimitStatus(Rule(target, Limit.parse("5 clips a day")), 1, NOW)
    text = usage_text(MemberUsage(allowance(status), 0, ()))
    assert expected in text
    assert "4 of 5 clips left today" in text


@pytest.mark.parametrize("window", Window)
def test_every_window_has_a_name(window: Window) -> None:
    status = LimitStatus(Rule(EVERYONE, Limit.parse(f"5 clips/{window}")), 0, NOW)
    assert "5 of 5 clips left" in usage_text(MemberUsage(allowance(status), 0, ()))
