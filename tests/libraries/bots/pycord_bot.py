import io
import os

import discord
from discord import ui
from discord.http import Route

Route.API_BASE_URL = os.environ["API"]
bot = discord.Bot()


class Form(ui.Modal):
    def __init__(self):
        super().__init__(ui.InputText(label="Reason", custom_id="reason"), title="Form")

    async def callback(self, interaction):
        reason = self.children[0].value
        await interaction.response.send_message(f"because {reason}", ephemeral=True)


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
        custom_id="size", options=[discord.SelectOption(label=it) for it in ("720p", "1080p")]
    )
    async def size(self, select, interaction):
        await interaction.response.send_message(f"size {select.values[0]}", ephemeral=True)


async def suggest(context):
    return [f"{context.value} slowly", f"{context.value} fast"]


@bot.slash_command(description="Make a clip")
@discord.option("image", discord.Attachment)
@discord.option("prompt", str, required=False, autocomplete=suggest)
async def animate(context, image, prompt):
    await context.defer()
    data = await image.read()
    await context.interaction.edit_original_response(
        content=f"{prompt}: {len(data)} bytes",
        file=discord.File(io.BytesIO(data[::-1]), "clip.mp4"),
        view=Buttons(),
    )
    await context.followup.send("followed up")


@bot.message_command(name="Who made this?")
async def who(context, message):
    await context.respond(f"message {message.id}", ephemeral=True)


@bot.user_command(name="Block")
async def block(context, member):
    await context.respond(f"user {member.name}", ephemeral=True)


bot.run(os.environ["TOKEN"])
