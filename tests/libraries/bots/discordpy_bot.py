"""discord.py with its extras for speed, which ask the gateway for a Zstandard stream."""

import io
import os

import discord
import yarl
from discord import app_commands, ui
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

Route.BASE = os.environ["API"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["GATEWAY"])
bot = commands.Bot("!", intents=discord.Intents(guilds=True), help_command=None)
assert discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE == "zstd-stream"


class Form(ui.Modal, title="Form"):
    reason = ui.TextInput(label="Reason", custom_id="reason")

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"because {self.reason.value}", ephemeral=True)


class Buttons(ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @ui.button(label="Again", custom_id="again")
    async def again(self, interaction, _button):
        await interaction.response.edit_message(content="again")

    @ui.button(label="Form", custom_id="form")
    async def form(self, interaction, _button):
        await interaction.response.send_modal(Form())

    @ui.select(
        custom_id="size", options=[discord.SelectOption(label=it) for it in ("720p", "1080p")]
    )
    async def size(self, interaction, select):
        await interaction.response.send_message(f"size {select.values[0]}", ephemeral=True)


@bot.tree.command(description="Make a clip")
async def animate(interaction: discord.Interaction, image: discord.Attachment, prompt: str = ""):
    await interaction.response.defer()
    data = await image.read()
    await interaction.edit_original_response(
        content=f"{prompt}: {len(data)} bytes",
        attachments=[discord.File(io.BytesIO(data[::-1]), "clip.mp4")],
        view=Buttons(),
    )
    await interaction.followup.send("followed up")


@animate.autocomplete("prompt")
async def suggest(_interaction, typed: str):
    names = [f"{typed} slowly", f"{typed} fast"]
    return [app_commands.Choice(name=name, value=name) for name in names]


@bot.tree.context_menu(name="Who made this?")
async def who(interaction: discord.Interaction, message: discord.Message):
    await interaction.response.send_message(f"message {message.id}", ephemeral=True)


@bot.tree.context_menu(name="Block")
async def block(interaction: discord.Interaction, member: discord.Member):
    await interaction.response.send_message(f"user {member.name}", ephemeral=True)


@bot.event
async def setup_hook():
    await bot.tree.sync()


bot.run(os.environ["TOKEN"])
