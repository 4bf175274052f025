import io
import os

import disnake
from disnake import ui
from disnake.ext import commands
from disnake.http import Route

Route.BASE = os.environ["API"]
bot = commands.InteractionBot()


def buttons():
    options = [disnake.SelectOption(label=it) for it in ("720p", "1080p")]
    return [
        ui.ActionRow(
            ui.Button(label="Again", custom_id="again"), ui.Button(label="Form", custom_id="form")
        ),
        ui.ActionRow(ui.StringSelect(custom_id="size", options=options)),
    ]


async def suggest(_interaction, typed: str):
    return [f"{typed} slowly", f"{typed} fast"]


@bot.slash_command(description="Make a clip")
async def animate(
    interaction: disnake.ApplicationCommandInteraction,
    image: disnake.Attachment,
    prompt: str = commands.Param("", autocomplete=suggest),
):
    await interaction.response.defer()
    data = await image.read()
    await interaction.edit_original_response(
        content=f"{prompt}: {len(data)} bytes",
        file=disnake.File(io.BytesIO(data[::-1]), "clip.mp4"),
        components=buttons(),
    )
    await interaction.followup.send("followed up")


@bot.message_command(name="Who made this?")
async def who(interaction, message: disnake.Message):
    await interaction.response.send_message(f"message {message.id}", ephemeral=True)


@bot.user_command(name="Block")
async def block(interaction, user: disnake.User):
    await interaction.response.send_message(f"user {user.name}", ephemeral=True)


@bot.event
async def on_button_click(interaction):
    if interaction.component.custom_id == "again":
        await interaction.response.edit_message(content="again")
    else:
        fields = ui.TextInput(label="Reason", custom_id="reason")
        await interaction.response.send_modal(title="Form", custom_id="reasons", components=fields)


@bot.event
async def on_dropdown(interaction):
    await interaction.response.send_message(f"size {interaction.values[0]}", ephemeral=True)


@bot.event
async def on_modal_submit(interaction):
    reason = interaction.text_values["reason"]
    await interaction.response.send_message(f"because {reason}", ephemeral=True)


bot.run(os.environ["TOKEN"])
