"""What the workflow needs of the chat. `cogs.delivery` implements it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.estimates import Expectation
    from bot.job import Address, Job


class Delivery(Protocol):
    """Shows a member what becomes of a job. Every call may be repeated.

    Every method raises `NoPlaceError` where there is nowhere left to show anything, and
    `DeliveryError` where it did not work this time.
    """

    async def show_rendering(self, job: Job, expectation: Expectation, since: datetime) -> None:
        """Show that Pika has been rendering the job since then."""

    async def show_busy(self, job: Job) -> None:
        """Show that Pika does not take the job yet and that the bot keeps trying."""

    async def show_clip(self, job: Job, clip: Path) -> int:
        """Show the video once, however often this is called, and notify the member.

        Returns:
            The id of the message that holds it.

        Raises:
            TooLargeError: The file is over what the chat takes.
        """

    async def show_failure(self, job: Job) -> None:
        """Tell the member why there is no clip, and notify them."""

    async def show_interrupted(self, address: Address) -> None:
        """Tell a member that a restart came before the decision on their request."""
