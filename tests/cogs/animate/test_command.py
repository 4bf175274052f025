"""The options of `/animate` as Discord shows them."""

from __future__ import annotations

from cogs.animate.command import Animate


def test_choices_are_in_the_order_in_which_members_read_them() -> None:
    choices = {
        parameter.name: [choice.value for choice in parameter.choices]
        for parameter in Animate.animate.parameters
    }
    assert choices["resolution"] == ["1080p", "720p"]
    assert choices["duration"] == [5, 10]
