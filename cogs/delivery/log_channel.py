"""What is posted in a log channel: what happened, how much of what, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base.clock import from_ms
from bot.base.errors import MessageRefusedError
from bot.guilds import moderation_log
from bot.guilds.log_messages import LogMessageKind
from bot.jobs.job import Failure
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.mentions import only_role, with_mention
from cogs.delivery.owner_message_texts import budget_text, owner_message_text
from cogs.delivery.report_messages import ReportMessages
from cogs.texts.amounts import timestamp
from cogs.texts.audit_parts import concerned_text
from cogs.texts.audit_sentences import act_sentence
from cogs.texts.audit_summaries import acts_sentence
from cogs.texts.failure_names import failure_name
from cogs.texts.languages import N_, _, money, ngettext, number, use_language
from cogs.texts.markdown import fit_lines
from cogs.texts.punctuation import listed, sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    import discord

    from bot.guilds.audit import AuditAction, AuditEntry
    from bot.guilds.audit_reader import AuditReader
    from bot.guilds.languages import GuildLanguages
    from bot.guilds.log_messages import LogMessage, UnsentLogMessage
    from bot.guilds.log_sender import LogChannelPort
    from bot.moderation.reported_clips import ReportedClips


class DiscordLogChannels:
    """Implements `bot.guilds.log_sender.LogChannelPort`, in each guild's language.

    Args:
        client: Logged in.
        owner: Posts what the owner is told.
        audit_reader: Has the acts of moderators.
        reports: Has the reports of clips.
        languages: What guilds have chosen.
    """

    def __init__(
        self,
        client: discord.Client,
        owner: LogChannelPort,
        audit_reader: AuditReader,
        reports: ReportedClips,
        languages: GuildLanguages,
    ) -> None:
        self._client = client
        self._reports = ReportMessages(client, reports)
        self._owner = owner
        self._audit_reader = audit_reader
        self._languages = languages

    async def post(self, unsent: UnsentLogMessage) -> None:
        """Post a message, under a nonce by which Discord drops it if it comes twice."""
        if unsent.channel_id is None:
            await self._owner.post(unsent)
            return
        with use_language(self._languages.of(unsent.guild_id)):
            await self._post(unsent, unsent.channel_id)

    async def _post(self, unsent: UnsentLogMessage, channel_id: int) -> None:
        if unsent.message.kind in _REPORTS:
            await self._reports.post(unsent, channel_id)
            return
        try:
            await self._send(unsent, channel_id, await self._text(unsent.message))
        except MessageRefusedError:
            # Of these texts, only acts have words that somebody typed: reasons, words of a list.
            if unsent.message.kind is not LogMessageKind.ACTS:
                raise
            await self._send(unsent, channel_id, f"📋 {_(_ACTS_WITHOUT_WORDS)}")

    async def _send(self, unsent: UnsentLogMessage, channel_id: int, text: str) -> None:
        with convert_discord_errors():
            # The word stays for good: repeated after an update, a post needs its first nonce.
            await self._client.get_partial_messageable(channel_id).send(
                with_mention(text, unsent.alert_role_id),
                nonce=f"notice-{unsent.id}",
                allowed_mentions=only_role(unsent.alert_role_id),
            )

    async def _text(self, message: LogMessage) -> str:
        if message.kind is not LogMessageKind.ACTS:
            return log_message_text(message)
        entries = await self._audit_reader.of_ids(moderation_log.entry_ids(message))
        return acts_message_text(entries)


def acts_message_text(entries: Sequence[AuditEntry]) -> str:
    """Word what moderators did: a sentence for each act, or where they are many, for each kind."""
    lines = [f"📋 {act_sentence(entry)}" for entry in entries]
    if len(lines) > _SENTENCES_SHOWN or sum(map(len, lines)) > _SENTENCES_LENGTH:
        alike: dict[tuple[int, AuditAction, str], list[AuditEntry]] = {}
        for entry in entries:
            event = entry.event
            alike.setdefault((event.actor_id, event.action, event.reason), []).append(entry)
        lines = [f"📋 {_summed_up(group)}" for group in alike.values()]
        lines.append(_("-# `/clips audit` has each of them."))
    return fit_lines(lines, _("-# and {n} more: `/clips audit`", n="{n}"))


def _summed_up(entries: Sequence[AuditEntry]) -> str:
    if len(entries) == 1:
        return act_sentence(entries[0], _REASON_SHOWN)
    event = entries[0].event
    concerned = [it for it in dict.fromkeys(concerned_text(it.event) for it in entries) if it]
    named = listed(concerned[:_CONCERNED_SHOWN])
    if len(concerned) > _CONCERNED_SHOWN:
        more = number(len(concerned) - _CONCERNED_SHOWN)
        named = _("{named} and {n} more", named=named, n=more)
    # One act may be about many clips or members.
    count = sum(_size_of(it) for it in entries)
    return acts_sentence(event, count, named, _REASON_SHOWN)


_ACTS_WITHOUT_WORDS: Final = N_(
    "Moderators have acted, and Discord does not let me repeat the words of it here: "
    "`/clips audit` has them."
)
_REPORTS: Final = frozenset({LogMessageKind.CLIP_REPORTED, LogMessageKind.REPORT_OUTDATED})
_SENTENCES_SHOWN: Final = 10
_SENTENCES_LENGTH: Final = 1800
_REASON_SHOWN: Final = 100
_CONCERNED_SHOWN: Final = 8


def _size_of(entry: AuditEntry) -> int:
    """How many clips, or else members, an act was about; 1 where it does not say."""
    after = entry.event.after or {}
    clips = sum(int(after.get(it) or 0) for it in ("cancelled", "refused", "approved"))
    return clips or int(after.get("members") or 1)


def log_message_text(message: LogMessage) -> str:
    """Word a message for moderators or the owner, in the task's language."""
    data = message.data
    match message.kind:
        case kind if kind in _BUDGETS:
            return f"{_ICONS[kind]} {_(_BUDGETS[kind], budget=budget_text(message))}"
        case LogMessageKind.MAY_BE_BILLED:
            return _may_be_billed(message)
        case LogMessageKind.REVIEW_CLOSED:
            closed = _(
                "**Clips wait for your review, and I cannot post them in <#{channel}>.** Let me "
                "view it, write and attach files there, or name another channel with "
                "`/clips review`.",
                channel=data["channel"],
            )
            end = ngettext(
                "What nobody has decided after {n} day is refused, and its member is not charged.",
                "What nobody has decided after {n} days is refused, and its member is not charged.",
                int(data["days"]),
            )
            return f"⚠️ {sentences(closed, end)}"
        case LogMessageKind.PAUSE_ENDED:
            return "▶️ " + _(
                "**Members may start clips again.** The pause that began {since} has ended by "
                "itself, as <@{actor}> had set it.",
                since=timestamp(from_ms(int(data["since"])), "f"),
                actor=data["actor"],
            )
        case _:
            return owner_message_text(message)


_ICONS: Final = {
    LogMessageKind.BUDGET_LOW: "🟡",
    LogMessageKind.BUDGET_SPENT: "🔴",
    LogMessageKind.BUDGET_CORRECTED: "🟢",
}
_BUDGETS: Final = {
    LogMessageKind.BUDGET_LOW: N_(
        "**Three quarters of this server's budget are used.** {budget} "
        "See who spends it with `/quota report`; change it with `/quota budget`."
    ),
    LogMessageKind.BUDGET_SPENT: N_(
        "**This server's budget is used up.** {budget} "
        "Until then I refuse what does not fit; raise it with `/quota budget`."
    ),
    LogMessageKind.BUDGET_CORRECTED: N_(
        "**Less of this server's budget is used than I said.** Clips were given back: {budget}"
    ),
}


def _may_be_billed(message: LogMessage) -> str:
    data = message.data
    texts = [
        _(
            "**Clip {job} ended without a video, and Pika may bill {price} for it.**",
            job=data["job"],
            price=money(int(data["micro_usd"])),
        )
    ]
    # Messages of earlier versions, and those about cancelled clips, have no failure.
    if failure := str(data.get("failure") or ""):
        texts.append(_("Reason: {reason}.", reason=failure_name(Failure(failure))))
    texts.append(_who_pays(message))
    texts.append(
        _(
            "Whoever runs me finds it in my log and in Pika's bill (reference {reference}).",
            reference=data["reference"],
        )
    )
    return f"⚠️ {sentences(*texts)}"


def _who_pays(message: LogMessage) -> str:
    if message.data.get("counts"):
        return _(
            "It counts for its member, of whom another clip was not shown within a day.",
        )
    if message.data.get("in_doubt"):
        return _("Its member was not charged; this server's budget counts it until that is known.")
    return _("Its member was not charged.")
