import io
import logging
import os

import aiohttp
import interactions
from interactions import (
    ActionRow,
    Button,
    ButtonStyle,
    File,
    Modal,
    OptionType,
    ShortText,
    StringSelectMenu,
)
from interactions.api.events import Component, ModalCompletion
from interactions.api.http.route import Route

logging.basicConfig(level=logging.INFO)
Route.BASE = os.environ["API"]
bot = interactions.Client(
    intents=interactions.Intents.DEFAULT, delete_unused_application_cmds=False
)


def buttons():
    return [
        ActionRow(
            Button(style=ButtonStyle.PRIMARY, label="Again", custom_id="again"),
            Button(style=ButtonStyle.SECONDARY, label="Form", custom_id="form"),
        ),
        ActionRow(StringSelectMenu("720p", "1080p", custom_id="size")),
    ]


@interactions.slash_command("animate", description="Make a clip")
@interactions.slash_option("image", "It", OptionType.ATTACHMENT, required=True)
@interactions.slash_option("prompt", "How", OptionType.STRING, autocomplete=True)
async def animate(context, image, prompt=""):
    await context.defer()
    async with aiohttp.ClientSession() as session, session.get(image.url) as response:
        data = await response.read()
    # After a deferral its first `send` edits the answer, whatever was edited before.
    await context.send(
        content=f"{prompt}: {len(data)} bytes",
        file=File(io.BytesIO(data[::-1]), "clip.mp4"),
        components=buttons(),
    )
    await context.send("followed up")


@animate.autocomplete("prompt")
async def suggest(context):
    await context.send([f"{context.input_text} slowly", f"{context.input_text} fast"])


@interactions.message_context_menu(name="Who made this?")
async def who(context):
    await context.send(f"message {context.target.id}", ephemeral=True)


@interactions.user_context_menu(name="Block")
async def block(context):
    await context.send(f"user {context.target.username}", ephemeral=True)


@interactions.listen(Component)
async def component(event):
    context = event.ctx
    if context.custom_id == "again":
        await context.edit_origin(content="again")
    elif context.custom_id == "form":
        fields = ShortText(label="Reason", custom_id="reason")
        await context.send_modal(Modal(fields, title="Form", custom_id="reasons"))
    else:
        await context.send(f"size {context.values[0]}", ephemeral=True)


@interactions.listen(ModalCompletion)
async def filled(event):
    await event.ctx.send(f"because {event.ctx.responses['reason']}", ephemeral=True)


bot.start(os.environ["TOKEN"])
