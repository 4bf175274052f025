"""A small bot that shows every part of a message, for the page to play with."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands
from PIL import Image

WORDS = """\
# Heading
**bold**, *italic*, __underlined__, ~~struck~~, `code`, ||a secret||, \\*plain\\*
> quoted <@{member}>
- a point, see <#{channel}> and [a link](https://discord.com/x)
```py
print("<b>text</b>")
```
-# small, <t:1700000000:R>, <b>no markup</b>"""


class ShowcaseBot(commands.Bot):
    """Its commands each show one thing; `heard` is what people did."""

    def __init__(self) -> None:
        super().__init__(
            "!",
            help_command=None,
            intents=discord.Intents(guilds=True),
            guild_ready_timeout=0.05,
        )
        self.heard: list[Any] = []

    async def setup_hook(self) -> None:
        self.tree.add_command(_group(self))
        self.tree.context_menu(name="Who made this?")(self._who)
        self.tree.context_menu(name="Block")(self._block)
        await self.tree.sync()

    async def _who(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        self.heard.append(("who", message.id))
        await interaction.response.send_message(f"message {message.id}", ephemeral=True)

    async def _block(self, interaction: discord.Interaction[Any], member: discord.Member) -> None:
        self.heard.append(("block", member.name))
        await interaction.response.send_modal(Form(self))


class Buttons(ui.View):
    """A button of each style, and a menu of each kind."""

    def __init__(self, bot: ShowcaseBot) -> None:
        super().__init__(timeout=None)
        self._bot = bot
        styles = (discord.ButtonStyle.primary, discord.ButtonStyle.secondary,
                  discord.ButtonStyle.success, discord.ButtonStyle.danger)  # fmt: skip
        for style in styles:
            self._add(ui.Button(style=style, label=style.name, custom_id=style.name, emoji="🎬"))
        self.add_item(ui.Button(label="Link", url="https://discord.com/x", row=1))
        self.add_item(ui.Button(label="Off", custom_id="off", disabled=True, row=1))
        self._add(ui.Button(label="Form", custom_id="form", row=1))
        self._add(ui.Button(label="Silence", custom_id="silence", row=1))
        options = [
            discord.SelectOption(label=label, description=f"{label} of it", emoji="🎞️")
            for label in ("720p", "1080p", "4k")
        ]
        self._add(ui.Select(custom_id="size", options=options, max_values=2, row=2))
        self._add(ui.UserSelect(custom_id="who", row=3))
        self._add(ui.ChannelSelect(custom_id="where", row=4))

    def _add(self, item: ui.Item[Any]) -> None:
        item.callback = self._callback(item)  # type: ignore[method-assign] # as discord.py has it
        self.add_item(item)

    def _callback(self, item: ui.Item[Any]) -> Any:
        async def heard(interaction: discord.Interaction[Any]) -> None:
            custom_id = getattr(item, "custom_id", "")
            values = [str(value) for value in getattr(item, "values", [])]
            self._bot.heard.append((custom_id, values))
            if custom_id == "form":
                await interaction.response.send_modal(Form(self._bot))
            elif custom_id != "silence":
                text = f"{custom_id} {values}"
                await interaction.response.edit_message(content=text)

        return heard


class Form(ui.Modal, title="A form"):
    reason = ui.TextInput[Any](label="Reason", max_length=20)
    more = ui.TextInput[Any](label="More", style=discord.TextStyle.paragraph, required=False)

    def __init__(self, bot: ShowcaseBot) -> None:
        super().__init__()
        self._bot = bot
        options = [discord.SelectOption(label=label) for label in ("hour", "day")]
        self.span = ui.Select[Any](options=options)
        self.proof = ui.FileUpload[Any](required=False)
        self.add_item(
            ui.Label(text="For how long", description="Then it ends", component=self.span)
        )
        self.add_item(ui.Label(text="Proof", component=self.proof))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        files = [file.filename for file in self.proof.values]
        self._bot.heard.append(("filled", self.reason.value, self.span.values, files))
        await interaction.response.send_message(f"because {self.reason.value}", ephemeral=True)


class Settings(ui.Modal, title="Settings"):
    def __init__(self, bot: ShowcaseBot) -> None:
        super().__init__()
        self._bot = bot
        labels = ("fast", "fair")
        self.log = ui.ChannelSelect[Any](custom_id="log", required=False)
        self.pace = ui.RadioGroup[Any](
            custom_id="pace", options=[discord.RadioGroupOption(label=label) for label in labels]
        )
        self.days = ui.CheckboxGroup[Any](
            custom_id="days",
            options=[discord.CheckboxGroupOption(label=label) for label in ("Mo", "Tu", "We")],
        )
        self.sure = ui.Checkbox[Any](custom_id="sure")
        for text, part in (("Log channel", self.log), ("Pace", self.pace), ("Days", self.days),
                           ("Sure", self.sure)):  # fmt: skip
            self.add_item(ui.Label(text=text, component=part))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        channels = [channel.name for channel in self.log.values]
        self._bot.heard.append((channels, self.pace.value, self.days.values, self.sure.value))
        await interaction.response.send_message("kept", ephemeral=True)


class Blocks(ui.LayoutView):
    def __init__(self, picture: str, video: str) -> None:
        super().__init__(timeout=None)
        container = ui.Container[Any](accent_colour=0xE8590C)
        thumbnail = ui.Thumbnail[Any](picture, description="The original")
        container.add_item(ui.Section("## Your clip", "-# 720p, 5 s, $0.20", accessory=thumbnail))
        container.add_item(ui.Separator())
        container.add_item(ui.MediaGallery(discord.MediaGalleryItem(video)))
        row = ui.ActionRow[Any]()
        row.add_item(ui.Button(label="Again", style=discord.ButtonStyle.primary, custom_id="again"))
        row.add_item(ui.Button(label="Quiet", custom_id="quiet"))
        container.add_item(row)
        container.add_item(ui.File("attachment://notes.txt"))
        self.add_item(container)


async def _close(interaction: discord.Interaction[Any]) -> bool:
    await interaction.response.edit_message(content="closed", view=None)
    await interaction.followup.send("for all to read")
    return False


def _group(bot: ShowcaseBot) -> app_commands.Group:
    group = app_commands.Group(name="show", description="Show one thing")

    @group.command(description="Buttons and menus")
    async def buttons(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("Press one", view=Buttons(bot))

    @group.command(description="Components V2 with a clip")
    async def blocks(
        interaction: discord.Interaction[Any], picture: discord.Attachment, clip: discord.Attachment
    ) -> None:
        files = [await picture.to_file(), await clip.to_file()]
        notes = discord.File(io.BytesIO(b"seed 1"), "notes.txt")
        names = [f"attachment://{file.filename}" for file in files]
        view = Blocks(*names)
        await interaction.response.send_message(view=view, files=[*files, notes])

    @group.command(description="An embed and every mark")
    async def words(interaction: discord.Interaction[Any]) -> None:
        embed = discord.Embed(title="Quota", description="**2** of 5", colour=0x1F7A3D)
        embed.add_field(name="Spent", value="$0.60").add_field(name="Left", value="$1.40")
        embed.set_footer(text="renews at midnight").set_author(name="animate")
        place = {"member": interaction.user.id, "channel": interaction.channel_id}
        await interaction.response.send_message(WORDS.format(**place), embed=embed)

    @group.command(description="What kinds of options there are")
    @app_commands.choices(unit=[app_commands.Choice(name=n, value=n) for n in ("clips", "usd")])
    async def options(
        interaction: discord.Interaction[Any],
        amount: app_commands.Range[int, 0, 100],
        unit: str,
        who: discord.Member | discord.Role | None = None,
        where: discord.TextChannel | None = None,
        role: discord.Role | None = None,
        share: app_commands.Range[float, 0.0, 1.0] | None = None,
        hidden: bool = False,  # noqa: FBT001, FBT002 - as discord.py wants it
        job: str = "",
    ) -> None:
        given = (amount, unit, str(who), str(where), str(role), share, hidden, job)
        bot.heard.append(given)
        await interaction.response.send_message(str(given), ephemeral=hidden)

    @options.autocomplete("job")
    async def jobs(
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        _ = interaction
        names = [f"job {number}" for number in range(1, 30)]
        fitting = [name for name in names if current in name]
        return [app_commands.Choice(name=name, value=name.upper()) for name in fitting[:25]]

    @group.command(description="A picture, a table and buttons, for one person alone")
    async def report(interaction: discord.Interaction[Any]) -> None:
        chart, table = io.BytesIO(), b"member,clips\nmia,2\n"
        Image.new("RGB", (320, 120), (31, 122, 61)).save(chart, "PNG")
        chart.seek(0)
        files = [discord.File(chart, "chart.png"), discord.File(io.BytesIO(table), "report.csv")]
        embed = discord.Embed(title="November", description=f"{interaction.user.mention}: 2")
        embed.set_image(url="attachment://chart.png")
        view = ui.View(timeout=None)
        view.add_item(ui.Button(label="Close", custom_id="close"))
        view.interaction_check = _close  # type: ignore[method-assign] # as discord.py has it
        await interaction.response.send_message(embed=embed, files=files, view=view, ephemeral=True)

    @group.command(description="A form with everything to tick and to choose")
    async def settings(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Settings(bot))

    deep = app_commands.Group(name="deep", description="Deeper still", parent=group)

    @deep.command(name="add", description="Add a word, deep down")
    async def add(interaction: discord.Interaction[Any], word: str) -> None:
        bot.heard.append(("add", word))
        await interaction.response.send_message(word, ephemeral=True)

    @group.command(description="Nothing comes back")
    async def silence(interaction: discord.Interaction[Any]) -> None:
        bot.heard.append(("silence", interaction.id))

    return group
