"""What a member is told when a request is accepted, kept until the job has ended."""

from __future__ import annotations

import json

from bot.base import Cost, Limit, Unit, Window, from_ms, to_ms, value
from bot.media.still import PictureChange
from bot.quota.ledger_sides import Sides, settle_sides
from bot.quota.rules import LimitStatus, LimitTarget, Rule, Scope


@value
class AcceptedNotes:
    """What was done to the picture, and the limits.

    Attributes:
        picture_changes: Changes to the picture so that Pika takes it.
        statuses: The limits, with this request counted.
        member_micro_usd: What the member's limits bear of the price; grants bear the rest.
    """

    picture_changes: tuple[PictureChange, ...] = ()
    statuses: tuple[LimitStatus, ...] = ()
    member_micro_usd: int = 0

    def to_json(self) -> str:
        """Write the notes as a job stores them."""
        left = [
            {
                "scope": it.rule.target.scope,
                "target": it.rule.target.id,
                "amount": it.limit.amount,
                "unit": it.limit.unit,
                "window": it.limit.window,
                "used": it.used,
                "renews_at": to_ms(it.renews_at),
            }
            for it in self.statuses
        ]
        changes = list(self.picture_changes)
        return json.dumps({"changes": changes, "left": left, "member": self.member_micro_usd})

    @classmethod
    def from_json(cls, text: str) -> AcceptedNotes:
        """Read the notes of a job; those of a job of an earlier version are empty."""
        stored = json.loads(text)
        return cls(
            tuple(PictureChange(it) for it in stored.get("changes", ())),
            tuple(
                LimitStatus(
                    Rule(
                        LimitTarget(Scope(it["scope"]), it["target"]),
                        Limit(it["amount"], Unit(it["unit"]), Window(it["window"])),
                    ),
                    it["used"],
                    from_ms(it["renews_at"]),
                )
                for it in stored.get("left", ())
            ),
            stored.get("member", 0),
        )

    def settled(self, price_micro_usd: int, charge_micro_usd: int) -> tuple[LimitStatus, ...]:
        """The member's own limits once the real charge is booked, as the ledger books it."""
        own = Cost(1, self.member_micro_usd)
        price = Cost(1, price_micro_usd)
        change = settle_sides(Sides(price, own, own - price), charge_micro_usd).member
        return tuple(it.after(change) for it in self.statuses if not it.rule.is_shared)
