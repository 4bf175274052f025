"""What one member alone reads is in their language, and what a channel reads in the server's."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import Limit
from cogs.texts import languages
from playground.discord import Upload
from tests.decided import decide
from tests.e2e.buttons_play import labels, press, private, shown
from tests.e2e.test_consent import noah, theirs
from tests.e2e.test_consent import press as answer
from tests.e2e.test_picture_menus import chosen, sent_in
from tests.house import photo
from tests.reviewing import asked, board, everyone_is_reviewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.discord import Channel, Interaction, Message
    from tests.house import House

PUBLIC, OWN = "⟦fr⟧", "⟦ja⟧"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each text starts with the language that it is said in, so that none can hide."""

    unmarked = languages.translation

    def mark(language: str, text: str, context: str = "") -> str | tuple[str, ...] | None:
        if language == "en" or context not in {"", "button"}:
            # Discord takes no marks in the names of commands.
            return unmarked(language, text, context)
        return f"⟦{language}⟧{text}"

    monkeypatch.setattr(languages, "translation", mark)


def everything(house: House) -> Iterator[tuple[Message, str]]:
    """All messages there are, with all that each has ever shown."""
    seen = [
        it
        for channel in house.discord.world.guild.channels.values()
        for it in channel.messages.values()
    ]
    for interaction in house.discord.interactions:
        seen += [*interaction.followups, *filter(None, [interaction.original])]
    for message in dict.fromkeys(seen):
        yield (
            message,
            json.dumps(
                [[it.content, it.components] for it in message.revisions], ensure_ascii=False
            ),
        )


def assert_each_reads_their_own(house: House) -> None:
    public = [said for message, said in everything(house) if message.viewer is None]
    own = [said for message, said in everything(house) if message.viewer is house.mia.user]
    assert [it for it in public if OWN in it] == []
    assert [it for it in own if PUBLIC in it] == []
    assert any(PUBLIC in it for it in public)
    assert any(OWN in it for it in own)


async def begin(house: House) -> None:
    await decide(house, language="fr")
    house.mia.user.locale = "ja"


async def test_around_a_clip(house: House, marked: None) -> None:
    del marked
    house.overrides |= {"default_limit": Limit.parse("1 clips a day"), "retention_days": 30}
    await begin(house)
    async with house.bot():
        clip = await shown(house, prompt="waves")
        assert PUBLIC in clip.content
        refused = await house.animate()
        await house.refused(refused, OWN)
        for command in (
            "usage",
            "help",
            "about",
            "my-clips",
            "defaults",
            "consent",
            "mydata export",
        ):
            told = await house.ask(house.mia, command)
            assert OWN in json.dumps([told.content, told.components], ensure_ascii=False), command
        await press(house, clip, f"{PUBLIC}Hide")
        await house.discord.wait_for(lambda: f"{PUBLIC}Show" in str(clip.components))
        more = await private(house, await press(house, clip, f"{PUBLIC}More"))
        assert OWN in more.content
        form = await press(house, clip, f"{PUBLIC}Edit")
        assert OWN in json.dumps(form.modal, ensure_ascii=False)
        assert PUBLIC not in json.dumps(form.modal, ensure_ascii=False)
        await private(house, await press(house, clip, f"{PUBLIC}Again"))
    assert_each_reads_their_own(house)
    assert house.query("SELECT language, member_language FROM jobs") == [("fr", "ja")]


async def test_a_refusal_after_the_acknowledgement_and_a_cancel(house: House, marked: None) -> None:
    del marked
    house.pika.behaviour.render_seconds = 60
    await begin(house)
    async with house.bot():
        broken = await house.animate(image=Upload("photo.jpg", photo()[:99], "image/jpeg"))
        await house.refused(broken, OWN)
        asked = await house.animate()
        await house.told(asked.original, f"{PUBLIC}Rendering")
        question = await private(house, await press(house, asked.original, f"{PUBLIC}Cancel"))
        await press(house, question, f"{OWN}Cancel it")
        house.pika.behaviour.render_seconds = 0
        await house.told(asked.original, f"{PUBLIC}There is no clip this time.")
        await house.settled()
    assert_each_reads_their_own(house)


async def test_a_question_to_somebody_else(house: House, marked: None) -> None:
    del marked
    post = theirs(house)
    await begin(house)
    async with house.bot():
        sent = await sent_in(house, await chosen(house, post), prompt="it runs")
        await house.refused(sent, f"{OWN}I asked <@{noah(house).id}>")
        question = next(
            it for it in house.clips.messages.values() if "asks to animate" in it.content
        )
        started: Interaction = await answer(house, question, "once")
        await house.delivered(started)
        await house.settled()
        await house.told(question, f"{PUBLIC}<@{noah(house).id}> lets")
    assert_each_reads_their_own(house)


async def test_a_direct_message_is_in_the_members_language(house: House, marked: None) -> None:
    del marked
    await begin(house)
    async with house.bot():
        await shown(house)
        await house.ask(house.member("moderator"), "clips remove", clip="1", reason="raid")
        direct = house.discord.world.direct_channel(house.mia.user)
        (told,) = await house.discord.wait_for(lambda: list(direct.messages.values()))
        assert f"{OWN}A moderator removed your clip" in told.content


OF_MODERATORS = [
    "clips status",
    "clips queue",
    "clips blocks",
    "clips settings",
    "clips pause",
    "clips resume",
    "clips words list",
    "clips words hits",
    "clips words automod",
    "clips channels list",
    "clips pictures list",
    "quota show",
    "quota limits",
    "quota report",
]


async def test_a_moderator_is_answered_in_their_own_language(house: House, marked: None) -> None:
    del marked
    log = house.discord.world.guild.channel("mod-log")
    await decide(house, language="fr", log_channel_id=log.id, log_acts=1)
    moderator = house.member("moderator")
    moderator.user.locale = "ja"
    async with house.bot():
        for command in OF_MODERATORS:
            told = await house.ask(moderator, command)
            said = json.dumps([told.content, told.components], ensure_ascii=False)
            assert OWN in said, command
            assert PUBLIC not in said, command
        told = await house.ask(moderator, "clips block", who=house.mia, reason="raid")
        assert f"{OWN}<@{house.mia.id}> is blocked" in told.content
        refused = await house.ask(moderator, "clips block", who=moderator)
        assert f"{OWN}That is yourself" in refused.content
        for command in ("quota audit", "clips audit"):
            audit = await house.ask(moderator, command)
            head, newest, *_ = audit.components[0]["content"].splitlines()
            assert head.startswith(f"{OWN}**Audit log**")
            assert f"{OWN}<@{moderator.id}> blocked <@{house.mia.id}>" in newest
            assert PUBLIC not in str(audit.components)
        house.pass_time(minutes=1)
        await house.discord.wait_for(lambda: log.messages)
        assert OWN not in "".join(it.content for it in log.messages.values())


OF_OWNER: list[tuple[str, dict[str, Any]]] = [
    ("status", {}),
    ("budget", {}),
    ("budget", {"amount": "3"}),
    ("budget", {"amount": "3"}),
    ("budget", {"amount": "none"}),
    ("budget", {"amount": "many"}),
    ("pause", {"reason": "*moving*"}),
    ("pause", {}),
    ("status", {}),
    ("resume", {}),
    ("resume", {}),
    ("servers list", {}),
    ("servers close", {"server": "77"}),
    ("servers close", {"server": "77"}),
    ("servers undo", {"server": "77"}),
    ("servers leave", {"server": "77"}),
    ("servers leave", {"server": "x"}),
    ("doubts list", {}),
    ("doubts settle", {"order": "1", "verdict": "billed"}),
    ("doubts settle", {"order": "1", "verdict": "not billed", "charge": 1.0}),
    ("direct-messages unblock", {"who": "77"}),
]
NAMES = {"animate", "bot", "Playground", "moving", "none", "ID", "Pika"}
"""What is spelt so in every language, beside the names of settings."""


async def test_the_owner_is_answered_in_their_own_language(house: House) -> None:
    """In Japanese, each word in Latin letters would be one that nobody translated."""
    await decide(house, language="fr")
    owner = house.member("owner")
    owner.user.locale = "ja"
    async with house.bot():
        for command, given in OF_OWNER:
            told = await house.ask(owner, f"owner {command}", client_checks=False, **given)
            labels = re.findall("'label': '([^']*)'", str(told.components))
            said = re.sub("`[^`]*`|<[^>]*>|OWNER_[A-Z_]+", "", " ".join([told.content, *labels]))
            assert re.search("[ぁ-ん]", said), (command, said)
            assert set(re.findall("[A-Za-z]{2,}", said)) <= NAMES, (command, said)


async def test_on_the_review_board_and_in_the_log_channel(house: House, marked: None) -> None:
    del marked
    log = house.discord.world.guild.channel("mod-log")
    await everyone_is_reviewed(house)
    await decide(house, "2 clips a day", language="fr", log_channel_id=log.id)
    moderator, vera = house.member("moderator"), house.member("vera")
    moderator.user.locale = "ja"
    async with house.bot():
        refused = await house.animate()
        question = await asked(house)
        assert all(it.startswith(PUBLIC) for it in labels(question))
        pressed = await press(house, question, f"{PUBLIC}Refuse and block", moderator)
        told = await house.discord.wait_for(lambda: pressed.followups)
        assert f"{OWN}<@{house.mia.id}> is blocked now." in told[0].content
        assert PUBLIC not in told[0].content
        await house.told(question, f"{PUBLIC}⛔ Refused by <@{moderator.id}>")
        await house.failed(refused, "The moderators did not approve your clip")
        await house.settled()

        shown_one = await house.animate(noah(house))
        (question,) = await house.discord.wait_for(lambda: open_questions(house))
        await press(house, question, f"{PUBLIC}Approve", moderator)
        clip = await house.delivered(shown_one)
        await house.settled()
        details = await private(house, await press(house, clip, f"{PUBLIC}More", vera))
        form = await press(house, details, "Report", vera)
        await house.discord.submit_modal(form, {"reason": "rude"})
        reports = await house.discord.wait_for(lambda: said_in(log, "reports a clip of"))
        assert all(it.startswith(PUBLIC) for it in labels(reports[0]))
        form = await press(house, reports[0], f"{PUBLIC}Block member", moderator)
        modal = json.dumps(form.modal, ensure_ascii=False)
        assert OWN in modal
        assert PUBLIC not in modal
        await press(house, reports[0], f"{PUBLIC}Dismiss", moderator)
        await house.discord.wait_for(lambda: not reports[0].components)
        house.pass_time(minutes=1)
        await house.discord.wait_for(lambda: said_in(log, "This server's budget is used up"))
    posted = [(it, said) for it, said in everything(house) if it.channel in (board(house), log)]
    assert [said for it, said in posted if it.viewer is None and OWN in said] == []
    assert [said for it, said in posted if it.viewer is None and PUBLIC not in said] == []
    assert [said for it, said in posted if it.viewer is moderator.user and PUBLIC in said] == []


async def test_a_clip_for_the_log_channel_alone(house: House, marked: None) -> None:
    del marked
    log = house.discord.world.guild.channel("mod-log")
    await begin(house)
    await decide(house, log_channel_id=log.id)
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        asked_for = await house.animate()
        await house.told(asked_for.original, f"{PUBLIC}Rendering")
        assert asked_for.original
        house.discord.delete_message(asked_for.original)
        house.pika.behaviour.render_seconds = 0
        (message,) = await house.discord.wait_for(lambda: said_in(log, "is not shown"))
        await house.settled()
    assert message.content.startswith(f"🙈 {PUBLIC}**Clip 1 is not shown: its message was deleted")


def open_questions(house: House) -> list[Message]:
    """Those on the review board that still have their buttons."""
    return [it for it in board(house).messages.values() if it.components]


def said_in(channel: Channel, words: str) -> list[Message]:
    return [it for it in channel.messages.values() if words in it.content]


async def test_a_member_chooses_a_language_for_what_they_alone_read(house: House) -> None:
    house.mia.user.locale = "fr"
    async with house.bot():
        assert "Tes préférences ici" in (await house.ask(house.mia, "defaults")).content
        chose = await house.ask(house.mia, "defaults", language="pt-BR")
        assert "Respondo a você em Português (Brasil), como você escolheu." in chose.content
    async with house.bot():
        usage = await house.ask(house.mia, "usage")
        assert "Disponível hoje: 5 de 5 clipes" in usage.content
        clip = await house.animate()
        await house.told(clip.original, "Accepted")
        await house.delivered(clip)
        await house.settled()
        back = await house.ask(house.mia, "defaults", language="discord")
        assert "Tes préférences ici" in back.content
    assert house.query("SELECT count(*) FROM member_defaults") == [(0,)]


async def test_a_deleted_member_has_chosen_nothing(house: House) -> None:
    async with house.bot():
        await house.ask(noah(house), "defaults", language="de")
        question = await house.ask(noah(house), "mydata delete")
        (button,) = question.components[0]["components"]
        await house.discord.press(noah(house), question, button["custom_id"])
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM member_defaults)")
        told = await house.ask(noah(house), "usage")
        assert "left today" in told.content
