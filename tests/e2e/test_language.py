"""A server's language: what a channel reads follows it, also where only moderators read it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.base import Limit
from bot.media.picture_decoder import PictureDecoder
from playground.discord import Upload
from tests.decided import decide
from tests.e2e.buttons_play import press as press_report
from tests.e2e.test_clip_reports import answer as report_answer
from tests.e2e.test_clip_reports import reported
from tests.house import photo
from tests.reviewing import answer, board, press, review
from tests.reviewing import asked as question_asked

if TYPE_CHECKING:
    import pytest

    from playground.discord import Channel, Guild, Message
    from tests.house import House

PICK, PICK_LOG = "settings:pick:language", "settings:pick:log_channel_id"


async def choose(house: House, language: str) -> Message:
    """What a moderator does in the panel, which is returned, with a member who speaks it too."""
    helper = house.member("helper")
    panel = await house.ask(helper, "clips settings")
    before = panel.edited_at
    house.mia.user.locale = language
    await house.discord.choose(helper, panel, PICK, [language])
    await house.discord.wait_for(lambda: panel.edited_at != before)
    return panel


def said(message: Message | None) -> str:
    """All that a message has ever said."""
    assert message is not None
    return "\n".join([*(it.content for it in message.revisions), message.content])


def notices(channel: Channel) -> list[str]:
    found = channel.messages.values()
    return [it.content for it in found if it.reference is not None and not it.deleted]


def labels(message: Message) -> list[str]:
    return [str(one["label"]) for row in message.components for one in row["components"]]


async def test_members_read_the_language_that_a_moderator_chose(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("1 clips a day")
    async with house.bot():
        panel = await choose(house, "de")
        assert "Settings of this server" in str(panel.components)
        assert "Public messages in Deutsch" in str(panel.components)

        asked = await house.animate(prompt="waves", negative_prompt="wind")
        message = await house.delivered(asked)
        await house.settled()
        for words in (
            "Dein Clip ist angenommen und kommt gleich dran.",
            "Heute noch 0 von 1 Clip übrig, erneuert sich <t:",
            "Wird gerendert, an Pika geschickt <t:",
            "Nach diesem Clip: Heute noch 0 von 1 Clip übrig",
            "Mit Pika **KI-generiert**",
            "> ohne",
            "Seed ",
        ):
            assert words in said(message)
        for words in ("Accepted", "Rendering", "renews", "After", "AI-generated", "without"):
            assert words not in said(message)
        assert notices(house.clips) == [f"<@{house.mia.id}>, dein Clip ist fertig."]

        refused = await house.animate()
        assert refused.original is not None
        assert refused.original.viewer is house.mia.user
        text = await house.told(refused.original, "ist nichts mehr übrig")
        assert "und von dem Limit von 1 Clip pro Tag für alle ist" in text
        assert text.endswith("Es wurde nichts berechnet.")
        assert "nach dem Limit von 1 Clip" in (await house.ask(house.mia, "usage")).content

        shown = await house.ask(house.member("moderator"), "quota show", who=house.mia)
        assert "1 clip a day" in shown.content
        assert "pro Tag" not in shown.content
    assert house.query("SELECT language FROM jobs") == [("de",)]


async def test_a_failure_and_its_notice_are_translated(house: House) -> None:
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        await choose(house, "es")
        asked = await house.animate()
        text = await house.told(asked.original, "Las normas de contenido de Pika")
        await house.settled()
        assert "No se ha cobrado nada. (referencia " in text
        late = await house.animate()
        house.discord.expire_interaction(late)
        await house.told(late.original, "Esta vez no hay clip")
        await house.settled()
        notice = notices(house.clips)[-1]
        assert notice == f"<@{house.mia.id}>, esta vez no hay clip; `/uso` dice por qué."


async def elsewhere(house: House, guild: Guild) -> Message:
    """A clip in another guild, by mia too."""
    options: dict[str, Any] = {"image": Upload("photo.jpg", photo(), "image/jpeg")}
    member, channel = guild.members[house.mia.id], guild.channel("general")
    return await house.delivered(await house.discord.invoke(member, channel, "animate", options))


async def here(house: House) -> Message:
    return await house.delivered(await house.animate())


async def test_another_guild_stays_english_at_the_same_time(house: House) -> None:
    there = house.add_managed_guild(house.mia.user)
    async with house.bot():
        await choose(house, "de")
        german, english, *more = await asyncio.gather(
            here(house), elsewhere(house, there), here(house), elsewhere(house, there)
        )
        await house.settled()
        for message, own, other in (
            (german, "Dein Clip ist angenommen", "Accepted"),
            (english, "Accepted", "Dein Clip ist angenommen"),
            (more[0], "Dein Clip ist angenommen", "Accepted"),
            (more[1], "Accepted", "Dein Clip ist angenommen"),
        ):
            assert own in said(message)
            assert other not in said(message)
        assert notices(there.channel("general")) == [f"<@{house.mia.id}>, your clip is ready."] * 2
    assert house.query("SELECT language, count(*) FROM jobs GROUP BY 1") == [("de", 2), ("en", 2)]


async def test_the_language_outlives_a_restart_and_can_be_taken_back(house: House) -> None:
    async with house.bot():
        await choose(house, "de")
    async with house.bot():
        assert "Dein Clip ist angenommen" in said(await here(house))
        await choose(house, "en")
        assert "Accepted" in said(await here(house))
        await house.settled()


async def test_a_clip_ends_in_the_language_that_it_was_asked_for_in(house: House) -> None:
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        asked = await house.animate()
        await house.told(asked.original, "Rendering")
        await choose(house, "de")
        usage = await house.ask(house.mia, "usage")
        assert "Gerade wird 1 Clip erstellt." in usage.content
        house.pika.behaviour.render_seconds = 0
        message = await house.delivered(asked)
        await house.settled()
    assert "**AI-generated** with Pika" in message.content
    assert notices(house.clips) == [f"<@{house.mia.id}>, your clip is ready."]


async def test_whom_a_restart_forgot_reads_so_in_the_guilds_language(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = asyncio.Event()

    async def dies(*_: object) -> None:
        died.set()
        raise asyncio.CancelledError

    async with house.bot():
        await choose(house, "de")
        with monkeypatch.context() as patch:
            patch.setattr(PictureDecoder, "decode", dies)
            asked = await house.animate()
            await died.wait()
    assert len(house.query("SELECT * FROM unanswered_interactions")) == 1
    async with house.bot():
        text = await house.told(asked.original, "Ich wurde unterbrochen")
    assert text.endswith("Es wurde nichts berechnet. Bitte schick sie noch einmal.")


async def test_an_offer_is_made_and_taken_in_the_guilds_language(house: House) -> None:
    async with house.bot():
        await choose(house, "de")
        moderator = house.member("moderator")
        await house.ask(moderator, "quota budget", amount=0.2, unit="usd", window="month")
        refused = await house.animate(resolution="1080p")
        text = await house.told(refused.original, "Das passt jetzt:")
        rest = text.replace("\u00a0", " ")
        assert "von dem Budget dieses Servers von 0,20 $ pro Monat sind nur noch 0,20 $" in rest
        assert refused.original is not None
        assert labels(refused.original) == ["720p, 5 s für 0,20\u00a0$"]
        (button,) = refused.original.components[0]["components"]
        pressed = await house.discord.press(house.mia, refused.original, button["custom_id"])
        message = await house.delivered(pressed)
        await house.settled()
        assert "Dein Clip ist angenommen" in said(message)
        again = await house.discord.press(house.mia, refused.original, button["custom_id"])
        await house.told(again.original, "Dieses Angebot ist abgelaufen oder nicht deins.")


async def test_who_lacks_a_right_is_told_as_a_member(house: House) -> None:
    house.discord.world.guild.command_grants["clips"] = {house.mia.id: True}
    async with house.bot():
        panel = await choose(house, "de")
        told = await house.ask(house.mia, "clips settings")
        assert "die Berechtigung **Nachrichten verwalten**" in told.content
        helper = house.member("helper")
        helper.user.locale = "de"
        house.discord.set_roles(helper, [])
        pressed = await house.discord.choose(helper, panel, PICK, ["en"])
        assert pressed.original is not None
        assert "die Berechtigung **Nachrichten verwalten**" in pressed.original.content
    assert house.query("SELECT language FROM guild_settings") == [("de",)]


def told(channel: Channel) -> list[str]:
    return [message.content for message in channel.messages.values()]


async def test_the_log_channel_reads_the_servers_language(house: House) -> None:
    log = house.discord.world.guild.channel("mod-log")
    async with house.bot():
        await choose(house, "de")
        moderator = house.member("moderator")
        moderator.user.locale = "fr"
        panel = await house.ask(moderator, "clips settings")
        hidden = house.discord.world.guild.channel("mods")
        refused = await house.discord.choose(moderator, panel, PICK_LOG, [hidden])
        await house.discord.wait_for(lambda: refused.followups)
        assert "Je ne peux pas écrire dans" in refused.followups[0].content
        before = panel.edited_at
        await house.discord.choose(moderator, panel, PICK_LOG, [log])
        await house.discord.wait_for(lambda: panel.edited_at != before)
        await house.ask(moderator, "quota budget", amount=1, unit="clips", window="day")
        await here(house)
        await house.settled()
        house.pass_time(minutes=1)
        await house.discord.wait_for(lambda: "1 Clip pro Tag" in "".join(acts(log)))
        await house.discord.wait_for(lambda: [it for it in told(log) if it not in acts(log)])
        (notice,) = [it for it in told(log) if it not in acts(log)]
        assert notice.startswith("🔴 **Das Budget dieses Servers ist aufgebraucht.** 1 von 1 Clip")
        assert "erneuert sich <t:" in notice


def acts(log: Channel) -> list[str]:
    return [it for it in told(log) if it.startswith("📋")]


async def test_a_review_asks_in_the_servers_language_and_answers_in_the_moderators(
    house: House,
) -> None:
    helper = house.member("helper")
    helper.user.locale = "fr"
    async with house.bot():
        await choose(house, "de")
        await review(house, "everyone", channel=board(house))
        waiting = await house.animate(prompt="waves")
        text = await house.told(waiting.original, "Jetzt muss ihn noch die Moderation freigeben.")
        assert "Wenn niemand entscheidet, endet das <t:" in text
        question = await question_asked(house)
        assert "🔎 **Darf dieser Clip gezeigt werden?**" in question.content
        assert "Seed " in question.content
        assert "-# Ohne Entscheidung wird er <t:" in question.content
        assert labels(question) == [
            "Freigeben",
            "Ablehnen und erstatten",
            "Ablehnen und alle Clips des Mitglieds abbrechen",
            "Ablehnen und sperren",
        ]
        pressed = await press(house, "helper", "Ablehnen und sperren", question)
        assert f"J'ai bloqué <@{house.mia.id}>." in await answer(house, pressed)
        await house.told(waiting.original, "Die Moderation hat deinen Clip nicht freigegeben.")
        await house.settled()
        refused = await house.animate()
        text = await house.told(refused.original, "Die Moderation hat dich hier für Clips")
        assert ": Die Moderation hat einen deiner Clips abgelehnt." in text
        closed = await house.told(question, f"⛔ Abgelehnt von <@{helper.id}> <t:")
        assert "Er wurde nicht gezeigt und nicht berechnet." in closed


async def test_a_report_reads_the_servers_language_also_after_that_was_changed(
    house: House,
) -> None:
    """Buttons that were posted in another language go on working: their ids have no words."""
    log, moderator = house.discord.world.guild.channel("mod-log"), house.member("moderator")
    moderator.user.locale = "fr"
    await decide(house, log_channel_id=log.id)
    async with house.bot():
        clip = await here(house)
        await house.settled()
        message = await reported(house, clip)
        assert labels(message) == ["Remove clip", "Block member", "Dismiss"]
        await choose(house, "de")
        form = await press_report(house, message, "Block member", moderator)
        assert form.modal is not None
        assert form.modal["title"] == "Bloquer le membre de ce clip"
        sent = await house.discord.submit_modal(form, {"length": "2h", "reason": "rude"})
        assert f"<@{house.mia.id}>\N{NO-BREAK SPACE}: blocage" in await report_answer(house, sent)
        head = f"🚩 **<@{house.member('noah').id}> meldet einen Clip von <@{house.mia.id}>:** rude"
        await house.told(message, head)
        assert labels(message) == ["Clip entfernen", "Verwerfen"]
        twice = [await press_report(house, message, "Verwerfen", moderator) for _ in range(2)]
        assert "C'est déjà décidé" in await report_answer(house, twice[1])
        await house.discord.wait_for(lambda: not message.components)
    assert house.query("SELECT action FROM audit ORDER BY id") == [
        ("settings",),
        ("block",),
        ("dismiss",),
    ]
