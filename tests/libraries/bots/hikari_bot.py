import os

import hikari

bot = hikari.GatewayBot(os.environ["TOKEN"], rest_url=os.environ["API"], banner=None)


def buttons():
    row = bot.rest.build_message_action_row()
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "again", label="Again")
    row.add_interactive_button(hikari.ButtonStyle.SECONDARY, "form", label="Form")
    menu = bot.rest.build_message_action_row()
    choices = menu.add_text_menu("size")
    for size in ("720p", "1080p"):
        choices.add_option(size, size)
    return [row, menu]


@bot.listen(hikari.StartedEvent)
async def register(_):
    application = await bot.rest.fetch_application()
    animate = bot.rest.slash_command_builder("animate", "Make a clip")
    animate.add_option(
        hikari.CommandOption(
            type=hikari.OptionType.ATTACHMENT, name="image", description="It", is_required=True
        )
    )
    animate.add_option(
        hikari.CommandOption(
            type=hikari.OptionType.STRING, name="prompt", description="How", autocomplete=True
        )
    )
    menus = [
        bot.rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Who made this?"),
        bot.rest.context_menu_command_builder(hikari.CommandType.USER, "Block"),
    ]
    await bot.rest.set_application_commands(application.id, [animate, *menus])


@bot.listen(hikari.CommandInteractionCreateEvent)
async def command(event):
    interaction = event.interaction
    if interaction.command_name == "animate":
        await animate(interaction)
        return
    target = interaction.target_id
    if interaction.command_type is hikari.CommandType.USER:
        text = f"user {interaction.resolved.users[target].username}"
    else:
        text = f"message {interaction.resolved.messages[target].id}"
    await private(interaction, text)


async def animate(interaction):
    options = {option.name: option.value for option in interaction.options}
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    data = await interaction.resolved.attachments[options["image"]].read()
    await interaction.edit_initial_response(
        f"{options['prompt']}: {len(data)} bytes",
        attachment=hikari.Bytes(data[::-1], "clip.mp4"),
        components=buttons(),
    )
    await interaction.execute("followed up")


@bot.listen(hikari.AutocompleteInteractionCreateEvent)
async def suggest(event):
    (typed,) = (it.value for it in event.interaction.options if it.is_focused)
    names = [f"{typed} slowly", f"{typed} fast"]
    await event.interaction.create_response(
        [hikari.impl.AutocompleteChoiceBuilder(name, name) for name in names]
    )


@bot.listen(hikari.ComponentInteractionCreateEvent)
async def component(event):
    interaction = event.interaction
    if interaction.custom_id == "again":
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, "again")
    elif interaction.custom_id == "form":
        row = bot.rest.build_modal_action_row()
        row.add_text_input("reason", "Reason")
        await interaction.create_modal_response("Form", "reasons", components=[row])
    else:
        await private(interaction, f"size {interaction.values[0]}")


@bot.listen(hikari.ModalInteractionCreateEvent)
async def filled(event):
    reason = event.interaction.components[0].components[0].value
    await private(event.interaction, f"because {reason}")


async def private(interaction, text):
    await interaction.create_initial_response(
        hikari.ResponseType.MESSAGE_CREATE, text, flags=hikari.MessageFlag.EPHEMERAL
    )


bot.run(check_for_updates=False)
