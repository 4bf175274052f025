from typing import Any

import discord
import pytest
from discord import app_commands

from playground.discord import ClientRefusal, DiscordStandIn, Interaction, Upload
from tests.playground.conftest import Connect, SmallBot

Asked = discord.Interaction


class Panel(discord.ui.View):
    """A button, a menu, and a button that shows a form."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, asked: Asked, _: discord.ui.Button["Panel"]) -> None:
        await asked.response.edit_message(content=f"again by {asked.user.name}")

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, asked: Asked, _: discord.ui.Button["Panel"]) -> None:
        await asked.response.defer()
        await asked.edit_original_response(content="later")

    @discord.ui.button(label="Tell", custom_id="tell")
    async def tell(self, asked: Asked, _: discord.ui.Button["Panel"]) -> None:
        await asked.response.send_modal(Form())

    @discord.ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, asked: Asked, _: discord.ui.Button["Panel"]) -> None:
        raise AssertionError(asked)

    @discord.ui.select(cls=discord.ui.RoleSelect, custom_id="roles", max_values=2)
    async def roles(self, asked: Asked, menu: discord.ui.RoleSelect["Panel"]) -> None:
        await asked.response.send_message(" ".join(role.name for role in menu.values))

    @discord.ui.select(
        custom_id="size", options=[discord.SelectOption(label=s, value=s) for s in ("S", "L")]
    )
    async def size(self, asked: Asked, menu: discord.ui.Select["Panel"]) -> None:
        await asked.response.send_message(menu.values[0], ephemeral=True)


class Form(discord.ui.Modal, title="Tell more"):
    words: discord.ui.TextInput["Form"] = discord.ui.TextInput(
        label="Words", custom_id="words", max_length=10
    )
    picture: discord.ui.Label["Form"] = discord.ui.Label(
        text="Picture", component=discord.ui.FileUpload(custom_id="picture", required=False)
    )

    async def on_submit(self, asked: Asked) -> None:
        upload = self.picture.component
        assert isinstance(upload, discord.ui.FileUpload)
        names = [f"{file.filename}:{len(await file.read())}" for file in upload.values]
        await asked.response.send_message(f"{self.words.value} {names}")


async def show_panel(asked: Asked, _: discord.Attachment | None) -> None:
    await asked.response.send_message("panel", view=Panel())


@pytest.fixture
async def panel(stand_in: DiscordStandIn, bot: SmallBot) -> Interaction:
    bot.answer = show_panel
    guild = stand_in.world.guild
    return await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")


def text(interaction: Interaction) -> str:
    assert interaction.original is not None
    return interaction.original.content


async def test_a_button_changes_its_message(stand_in: DiscordStandIn, panel: Interaction) -> None:
    noah = stand_in.world.guild.member("noah")
    assert panel.original is not None
    pressed = await stand_in.press(noah, panel.original, "again")
    assert pressed.original is panel.original
    assert text(pressed) == "again by noah"
    await stand_in.press(noah, panel.original, "later")
    await stand_in.wait_for(lambda: text(panel) == "later")


async def test_menus_give_roles_and_texts(stand_in: DiscordStandIn, panel: Interaction) -> None:
    guild = stand_in.world.guild
    noah, roles = guild.member("noah"), [guild.role("Member"), guild.role("Moderator")]
    message = panel.original
    assert message is not None
    chosen = await stand_in.choose(noah, message, "roles", roles)
    assert text(chosen) == "Member Moderator"
    sized = await stand_in.choose(noah, message, "size", ["L"])
    assert text(sized) == "L"
    assert sized.original is not None
    assert sized.original.reference is message
    assert sized.original not in stand_in.visible(panel.channel, panel.member)


async def test_a_form_is_shown_filled_in_and_sent(
    stand_in: DiscordStandIn, panel: Interaction
) -> None:
    assert panel.original is not None
    asked = await stand_in.press(panel.member, panel.original, "tell")
    assert asked.modal is not None
    assert asked.modal["title"] == "Tell more"
    for words in ("", "far too many words"):
        with pytest.raises(ClientRefusal):
            await stand_in.submit_modal(asked, {"words": words})
    values = {"words": "a cat", "picture": Upload("cat.png", b"12345")}
    sent = await stand_in.submit_modal(asked, values)
    assert text(sent) == "a cat ['cat.png:5']"


@pytest.mark.parametrize("custom_id", ["off", "nothing", "size"])
async def test_what_cannot_be_pressed_is_refused(
    stand_in: DiscordStandIn, panel: Interaction, custom_id: str
) -> None:
    assert panel.original is not None
    with pytest.raises(ClientRefusal):
        await stand_in.press(panel.member, panel.original, custom_id)


async def test_choices_outside_the_menu_are_refused(
    stand_in: DiscordStandIn, panel: Interaction
) -> None:
    assert panel.original is not None
    for values in (["M"], [], ["S", "L"]):
        with pytest.raises(ClientRefusal):
            await stand_in.choose(panel.member, panel.original, "size", values)


class MenuBot(SmallBot):
    async def setup_hook(self) -> None:
        @self.tree.context_menu(name="Who made this?")
        async def who(asked: Asked, message: discord.Message) -> None:
            await asked.response.send_message(f"{message.author.name}: {message.content}")

        @self.tree.context_menu(name="Usage")
        async def usage(asked: Asked, member: discord.Member) -> None:
            await asked.response.send_message(member.name, ephemeral=True)

        @self.tree.command(name="cancel", description="Stop a job")
        async def cancel(asked: Asked, job: str) -> None:
            raise AssertionError((asked, job))

        @cancel.autocomplete("job")
        async def jobs(asked: Asked, current: str) -> list[app_commands.Choice[Any]]:
            assert asked.user.name == "mia"
            return [app_commands.Choice(name=f"{current}-{n}", value=f"{n}") for n in range(2)]

        await self.tree.sync()


async def test_menus_of_messages_and_people_and_suggestions(
    stand_in: DiscordStandIn, connect: Connect
) -> None:
    await connect(MenuBot)
    guild = stand_in.world.guild
    mia, noah, clips = guild.member("mia"), guild.member("noah"), guild.channel("clips")
    said = stand_in.say(noah, clips, f"hello {stand_in.world.bot.mention}")
    told = await stand_in.invoke_menu(mia, clips, "Who made this?", said)
    assert text(told) == f"noah: {said.content}"
    assert text(await stand_in.invoke_menu(mia, clips, "Usage", noah)) == "noah"
    with pytest.raises(ClientRefusal):
        await stand_in.invoke_menu(mia, clips, "Usage", said)
    asked = await stand_in.autocomplete(mia, clips, "cancel", {"job": "jo"}, focused="job")
    assert asked.choices is not None
    assert [choice["name"] for choice in asked.choices] == ["jo-0", "jo-1"]
