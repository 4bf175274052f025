"""The options of `/animate` as Discord shows them."""

from __future__ import annotations

from typing import Any, cast

from cogs.animate.command import animate_command
from cogs.animate.handler import AnimateHandler


def test_choices_are_in_the_order_in_which_members_read_them() -> None:
    nothing = cast("Any", None)
    command = animate_command(AnimateHandler(nothing, nothing, nothing, nothing), nothing)
    choices = {
        parameter.name: [choice.value for choice in parameter.choices]
        for parameter in command.parameters
    }
    assert choices["resolution"] == ["1080p", "720p"]
    assert choices["duration"] == [5, 10]
