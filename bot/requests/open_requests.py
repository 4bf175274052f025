"""How many requests are being decided at once: counted before anything is read for them."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.requests.errors import RequestLimit, TooManyRequestsError

if TYPE_CHECKING:
    from collections.abc import Generator

    from bot.quota.ledger import MemberKey

MEMBER_AT_ONCE: Final = 2
"""The most open requests of one member: whoever is quick has a second one under way."""
PROCESS_AT_ONCE: Final = 40
"""The most open requests of all. Pictures are decoded one after the other, ten a second where
the bot has one slow core, so the last of these waits for about four seconds."""


@dataclass(frozen=True, slots=True)
class OpenRequests:
    """Counts requests from their arrival until they are accepted or refused, in memory alone."""

    _of_members: Counter[MemberKey] = field(default_factory=Counter, init=False)

    @contextmanager
    def slot(self, member_key: MemberKey) -> Generator[None, None, None]:
        """Count a request for as long as the block runs.

        Raises:
            TooManyRequestsError: The member, or all members together, have as many as may be.
        """
        if self._of_members[member_key] >= MEMBER_AT_ONCE:
            raise TooManyRequestsError(RequestLimit.MEMBER)
        if self._of_members.total() >= PROCESS_AT_ONCE:
            raise TooManyRequestsError(RequestLimit.PROCESS)
        self._of_members[member_key] += 1
        try:
            yield
        finally:
            self._of_members[member_key] -= 1
            # Members come and go for months.
            if not self._of_members[member_key]:
                del self._of_members[member_key]
