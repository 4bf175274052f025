"""The life of interactions: three seconds to acknowledge, fifteen minutes to follow up."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from playground.discord.rules.errors import (
    already_acknowledged,
    expired_token,
    unknown_interaction,
    unknown_webhook,
)
from playground.discord.state.tokens import interaction_token

if TYPE_CHECKING:
    from playground.discord.state.changes import Changes
    from playground.discord.state.clock import Clock
    from playground.discord.state.entities import Channel, Member, Message
    from playground.json_types import Json

ACKNOWLEDGE_SECONDS: Final = 3.0
"""How long a bot has for its first answer."""

TOKEN_SECONDS: Final = 15 * 60.0
"""How long an interaction's token works."""


class InteractionType(IntEnum):
    """What the person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    """How a bot may answer first."""

    MESSAGE = 4
    DEFER = 5
    DEFER_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(eq=False, slots=True)
class Interaction:
    """One thing that a person did with the bot, and what came of it.

    `acknowledged_after` is in seconds from its dispatch; `original` is the first answer, or the
    message with the pressed button where the bot updates that; `choices` and `modal` are what
    the bot answered to autocomplete and with a form. `source` is the message that was acted on,
    `payload` what the bot was told.
    """

    id: int
    type: InteractionType
    member: "Member"
    channel: "Channel"
    clock: "Clock" = field(repr=False)
    metadata: "Json" = field(repr=False)
    name: str | None = None
    source: "Message | None" = None
    payload: "Json" = field(default_factory=dict, repr=False)
    token: str = field(init=False, repr=False)
    callback: Callback | None = None
    acknowledged_after: float | None = None
    original: "Message | None" = None
    followups: "list[Message]" = field(default_factory=list)
    choices: "list[Json] | None" = None
    modal: "Json | None" = None
    undelivered: bool = False
    born: float = 0.0
    expired: bool = False

    def __post_init__(self) -> None:
        """Give the interaction its token, and start its time."""
        self.token = interaction_token(self.id)
        self.born = self.clock.steady()

    @property
    def age(self) -> float:
        """Seconds since its dispatch."""
        return self.clock.steady() - self.born

    @property
    def acknowledged(self) -> bool:
        """Whether the bot answered in time."""
        return self.callback is not None

    @property
    def failed(self) -> bool:
        """Whether the person reads "The application did not respond"."""
        late = self.undelivered or self.age >= ACKNOWLEDGE_SECONDS
        return not self.acknowledged and late

    @property
    def token_expired(self) -> bool:
        """Whether follow-ups are over."""
        return self.expired or self.age >= TOKEN_SECONDS


class Interactions:
    """All interactions by id and by token."""

    def __init__(self, application_id: int, changes: "Changes") -> None:
        self._application_id = application_id
        self._changes = changes
        self._by_token: dict[str, Interaction] = {}

    @property
    def all(self) -> list[Interaction]:
        """Every interaction so far, in order."""
        return list(self._by_token.values())

    def add(self, interaction: Interaction) -> None:
        """Know it from now on."""
        self._by_token[interaction.token] = interaction

    def to_acknowledge(self, interaction_id: int, token: str) -> Interaction:
        """The interaction for a callback; ApiError when unknown, late or already answered."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise unknown_interaction()
        if interaction.acknowledged:
            raise already_acknowledged()
        if interaction.failed:
            raise unknown_interaction()
        return interaction

    def acknowledge(self, interaction: Interaction, callback: Callback) -> None:
        """The bot has answered, now."""
        interaction.callback = callback
        interaction.acknowledged_after = interaction.age
        self._changes.notify()

    def follow_up(self, interaction: Interaction, message: "Message") -> None:
        """The bot has said more."""
        interaction.followups.append(message)
        self._changes.notify()

    def to_follow_up(self, application_id: int, token: str) -> Interaction:
        """The interaction of a webhook route; ApiError when unknown, unanswered or expired."""
        interaction = self._by_token.get(token)
        if interaction is None or application_id != self._application_id:
            raise unknown_webhook()
        if interaction.token_expired:
            raise expired_token()
        if not interaction.acknowledged:
            raise unknown_webhook()
        return interaction
