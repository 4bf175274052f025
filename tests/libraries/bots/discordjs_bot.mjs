import {
  ActionRowBuilder,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ButtonBuilder,
  ButtonStyle,
  Client,
  Events,
  GatewayIntentBits,
  MessageFlags,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js";

const rest = { api: process.env.API.replace(/\/v\d+$/, "") };
const bot = new Client({ intents: [GatewayIntentBits.Guilds], rest });
const hidden = (content) => ({ content, flags: MessageFlags.Ephemeral });
const button = (customId, label) =>
  new ButtonBuilder({ customId, label, style: ButtonStyle.Primary });

function components() {
  const options = ["720p", "1080p"].map((size) => ({ label: size, value: size }));
  return [
    new ActionRowBuilder({ components: [button("again", "Again"), button("form", "Form")] }),
    new ActionRowBuilder({
      components: [new StringSelectMenuBuilder({ customId: "size", options })],
    }),
  ];
}

bot.once(Events.ClientReady, () =>
  bot.application.commands.set([
    {
      name: "animate",
      description: "Make a clip",
      options: [
        {
          type: ApplicationCommandOptionType.Attachment,
          name: "image",
          description: "It",
          required: true,
        },
        {
          type: ApplicationCommandOptionType.String,
          name: "prompt",
          description: "How",
          autocomplete: true,
        },
      ],
    },
    { name: "Who made this?", type: ApplicationCommandType.Message },
    { name: "Block", type: ApplicationCommandType.User },
  ]),
);

async function animate(interaction) {
  await interaction.deferReply();
  const image = interaction.options.getAttachment("image");
  const data = Buffer.from(await (await fetch(image.url)).arrayBuffer());
  await interaction.editReply({
    content: `${interaction.options.getString("prompt")}: ${data.length} bytes`,
    files: [{ attachment: Buffer.from(data).reverse(), name: "clip.mp4" }],
    components: components(),
  });
  await interaction.followUp("followed up");
}

function form() {
  const reason = new TextInputBuilder({
    customId: "reason",
    label: "Reason",
    style: TextInputStyle.Short,
  });
  const rows = [new ActionRowBuilder({ components: [reason] })];
  return new ModalBuilder({ customId: "reasons", title: "Form", components: rows });
}

bot.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    const names = [`${typed} slowly`, `${typed} fast`];
    await interaction.respond(names.map((name) => ({ name, value: name })));
  } else if (interaction.isChatInputCommand()) {
    await animate(interaction);
  } else if (interaction.isMessageContextMenuCommand()) {
    await interaction.reply(hidden(`message ${interaction.targetMessage.id}`));
  } else if (interaction.isUserContextMenuCommand()) {
    await interaction.reply(hidden(`user ${interaction.targetUser.username}`));
  } else if (interaction.isStringSelectMenu()) {
    await interaction.reply(hidden(`size ${interaction.values[0]}`));
  } else if (interaction.isModalSubmit()) {
    await interaction.reply(hidden(`because ${interaction.fields.getTextInputValue("reason")}`));
  } else if (interaction.customId === "again") {
    await interaction.update("again");
  } else {
    await interaction.showModal(form());
  }
});

await bot.login(process.env.TOKEN);
