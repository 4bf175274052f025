"""What moderators did to limits, budgets and grants, and the owner to orders in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Cost, Limit, Unit, Window
from bot.base.clock import from_ms
from bot.guilds.audit import AuditAction
from cogs.texts.amounts import amount_text, cost_text, limit_text, timestamp
from cogs.texts.audit_parts import actor_text, clip_text, subject_text, with_before
from cogs.texts.audit_values import row_text
from cogs.texts.languages import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.guilds.audit import AuditEntry, AuditValues
    from cogs.texts.audit_values import AuditValue


def _limit(entry: AuditEntry) -> str:
    event = entry.event
    act = _(
        "{actor} set the limit of {target} to {limit}",
        actor=actor_text(event),
        target=subject_text(event),
        limit=_limit_of(event.after),
    )
    return with_before(act, _limit_of(event.before) if event.before else "")


def _unlimit(entry: AuditEntry) -> str:
    event, actor, target = entry.event, actor_text(entry.event), subject_text(entry.event)
    if "exempt" in (event.before or {}):
        return _("{actor} ended the exemption of {target} from limits", actor=actor, target=target)
    limit = _limit_of(event.before)
    return _(
        "{actor} removed the limit of {limit} for {target}",
        actor=actor,
        limit=limit,
        target=target,
    )


def _exempt(entry: AuditEntry) -> str:
    event = entry.event
    act = _(
        "{actor} exempted {target} from limits",
        actor=actor_text(event),
        target=subject_text(event),
    )
    return with_before(act, _("the same") if event.before else "")


def _budget(entry: AuditEntry) -> str:
    event, actor = entry.event, actor_text(entry.event)
    before = _limit_of(event.before) if event.before else ""
    if not event.after:
        return _("{actor} removed the budget of {limit}", actor=actor, limit=before)
    limit = _limit_of(event.after)
    act = _("{actor} set the server's budget to {limit}", actor=actor, limit=limit)
    return with_before(act, before)


def _grant(entry: AuditEntry) -> str:
    event = entry.event
    before, after = _cost_of(event.before), _cost_of(event.after)
    more = Cost(after.clips - before.clips, after.micro_usd - before.micro_usd)
    until = (event.after or {}).get("until")
    if more.clips < 0 or more.micro_usd < 0:
        more = Cost(-more.clips, -more.micro_usd)
        template = N_("{actor} took {amount} back from {target}, who has {left} on top now")
    elif until:
        template = N_("{actor} granted {target} {amount} until {when}, who has {left} on top now")
    else:
        template = N_("{actor} granted {target} {amount}, who has {left} on top now")
    return _(
        template,
        actor=actor_text(event),
        target=subject_text(event),
        amount=cost_text(more),
        left=cost_text(after),
        when=timestamp(from_ms(int(until or 0)), "f"),
    )


def _reset(entry: AuditEntry) -> str:
    event, actor, target = entry.event, actor_text(entry.event), subject_text(entry.event)
    used = [_used(name, value) for name, value in (event.before or {}).items() if value]
    if not used:
        return _("{actor} reset the limits of {target}", actor=actor, target=target)
    return _(
        "{actor} reset the limits of {target}, who had used {used}",
        actor=actor,
        target=target,
        used=row_text(used),
    )


def _used(name: str, value: AuditValue) -> str:
    unit, _separator, window = name.partition(" a ")
    return _(_WITHIN[Window(window)], amount=amount_text(int(value or 0), Unit(unit)))


_WITHIN: Final = {
    Window.HOUR: N_("{amount} in the hour"),
    Window.DAY: N_("{amount} in the day"),
    Window.WEEK: N_("{amount} in the week"),
    Window.MONTH: N_("{amount} in the month"),
}


def _doubt(entry: AuditEntry) -> str:
    actor, clip = actor_text(entry.event), clip_text(entry.event)
    cost = _cost_of(entry.event.after)
    if cost.clips:
        return _(
            "{actor} settled the order in doubt of {clip} as billed, {cost}",
            actor=actor,
            clip=clip,
            cost=cost_text(cost),
        )
    return _("{actor} settled the order in doubt of {clip} as not billed", actor=actor, clip=clip)


def _limit_of(values: AuditValues | None) -> str:
    given = values or {}
    if "exempt" in given:
        return _("exempt")
    unit, window = Unit(str(given["unit"])), Window(str(given["window"]))
    return limit_text(Limit(int(given["amount"] or 0), unit, window))


def _cost_of(values: AuditValues | None) -> Cost:
    given = values or {}
    return Cost(int(given["clips"] or 0), int(given["micro_usd"] or 0))


SENTENCES: Final[Mapping[AuditAction, Callable[[AuditEntry], str]]] = {
    AuditAction.LIMIT: _limit,
    AuditAction.UNLIMIT: _unlimit,
    AuditAction.EXEMPT: _exempt,
    AuditAction.BUDGET: _budget,
    AuditAction.GRANT: _grant,
    AuditAction.RESET: _reset,
    AuditAction.DOUBT: _doubt,
}
"""The sentences by kind of act; each raises `KeyError`, `ValueError` or `TypeError` for values
that it does not know."""
