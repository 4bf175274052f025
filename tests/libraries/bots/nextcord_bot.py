import io
import os

import nextcord
from nextcord import ui
from nextcord.ext import commands
from nextcord.http import Route

Route.BASE = os.environ["API"]
bot = commands.Bot()


class Form(ui.Modal):
    def __init__(self):
        super().__init__("Form")
        self.reason = ui.TextInput("Reason")
        self.add_item(self.reason)

    async def callback(self, interaction):
        await interaction.response.send_message(f"because {self.reason.value}", ephemeral=True)


class Buttons(ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @ui.button(label="Again", custom_id="again")
    async def again(self, _button, interaction):
        await interaction.response.edit_message(content="again")

    @ui.button(label="Form", custom_id="form")
    async def form(self, _button, interaction):
        await interaction.response.send_modal(Form())

    @ui.string_select(
        custom_id="size", options=[nextcord.SelectOption(label=it) for it in ("720p", "1080p")]
    )
    async def size(self, select, interaction):
        await interaction.response.send_message(f"size {select.values[0]}", ephemeral=True)


@bot.slash_command(description="Make a clip")
async def animate(
    interaction: nextcord.Interaction,
    image: nextcord.Attachment,
    prompt: str = nextcord.SlashOption(description="How", required=False),
):
    await interaction.response.defer()
    data = await image.read()
    await interaction.edit_original_message(
        content=f"{prompt}: {len(data)} bytes",
        file=nextcord.File(io.BytesIO(data[::-1]), "clip.mp4"),
        view=Buttons(),
    )
    await interaction.followup.send("followed up")


@animate.on_autocomplete("prompt")
async def suggest(interaction, prompt: str):
    await interaction.response.send_autocomplete([f"{prompt} slowly", f"{prompt} fast"])


@bot.message_command(name="Who made this?")
async def who(interaction, message):
    await interaction.response.send_message(f"message {message.id}", ephemeral=True)


@bot.user_command(name="Block")
async def block(interaction, member):
    await interaction.response.send_message(f"user {member.name}", ephemeral=True)


bot.run(os.environ["TOKEN"])
