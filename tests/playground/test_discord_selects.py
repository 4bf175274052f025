"""Menus and forms: what Discord takes from bots, and what its client lets people choose."""

import io
from typing import Any

import discord
import pytest
from discord import ui

from playground.discord import ClientRefusal, DiscordStandIn, Interaction, Message
from tests.playground.conftest import Api, Connect, SmallBot

Asked = discord.Interaction
GONE = "123456789012345678"


def menu(kind: int = 3, **changes: Any) -> dict[str, Any]:
    options = [{"label": name, "value": name} for name in ("S", "M", "L")]
    base: dict[str, Any] = {"type": kind, "custom_id": "menu"}
    return base | ({"options": options} if kind == 3 else {}) | changes


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (menu(max_values=4), "max_values"),
        (menu(max_values=26), "max_values"),
        (menu(min_values=3, max_values=2), "_errors"),
        (menu(placeholder="x" * 151), "placeholder"),
        (menu(options=[]), "options"),
        (menu(options=[{"label": "S", "value": "S", "description": "x" * 101}]), "options"),
        (menu(options=[{"label": "S", "value": "S"}] * 2), "options"),
        (menu(options=[{"label": n, "value": n, "default": True} for n in "ab"]), "_errors"),
        (menu(5, default_values=[{"id": GONE, "type": "role"}]), "default_values"),
        (menu(8, default_values=[{"id": "x", "type": "channel"}]), "default_values"),
        (menu(7, default_values=[{"id": GONE, "type": "user"}] * 2), "_errors"),
        (menu(6, custom_id="x" * 101), "custom_id"),
    ],
)
async def test_bad_menus_are_refused(
    stand_in: DiscordStandIn, api: Api, given: dict[str, Any], where: str
) -> None:
    path = f"/channels/{stand_in.world.guild.channel('clips').id}/messages"
    status, problem = await api("POST", path, {"components": [{"type": 1, "components": [given]}]})
    assert (status, problem["code"]) == (400, 50035)
    assert where in problem["errors"]["components"]["0"]["components"]["0"]


async def test_a_message_has_five_rows_at_most(stand_in: DiscordStandIn, api: Api) -> None:
    path = f"/channels/{stand_in.world.guild.channel('clips').id}/messages"
    rows = [{"type": 1, "components": [menu(custom_id=f"menu{n}")]} for n in range(6)]
    assert (await api("POST", path, {"components": rows[:5]}))[0] == 200
    assert (await api("POST", path, {"components": rows}))[0] == 400


class Settings(ui.View):
    """Menus of all kinds, as a panel of settings has them."""

    def __init__(self, guild: discord.Guild) -> None:
        super().__init__(timeout=None)
        log = discord.utils.get(guild.text_channels, name="mod-log")
        assert log is not None
        self.add_item(
            ui.ChannelSelect(
                custom_id="log",
                channel_types=[discord.ChannelType.text],
                min_values=0,
                default_values=[log],
            )
        )
        self.add_item(
            ui.ChannelSelect(custom_id="voice", channel_types=[discord.ChannelType.voice])
        )
        self.add_item(ui.UserSelect(custom_id="user"))
        self.add_item(ui.MentionableSelect(custom_id="both", max_values=2))
        sizes = [
            discord.SelectOption(label=size, default=size == "720p") for size in ("720p", "1080p")
        ]
        self.add_item(ui.Select(custom_id="size", options=sizes, min_values=0))


class Panel(SmallBot):
    """Shows its settings to who asks; `heard` is what was chosen, with its data."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.heard: list[tuple[list[str], Any]] = []
        self.answer = self._show

    async def _show(self, asked: Asked, _: discord.Attachment | None) -> None:
        assert asked.guild is not None
        files = [
            discord.File(io.BytesIO(b"\x89PNG"), "chart.png"),
            discord.File(io.BytesIO(b"who,clips"), "report.csv"),
        ]
        embed = discord.Embed(title="Report").set_image(url="attachment://chart.png")
        await asked.response.send_message(
            "panel", embed=embed, view=Settings(asked.guild), files=files, ephemeral=True
        )

    async def on_interaction(self, asked: Asked) -> None:
        if asked.type is discord.InteractionType.component:
            data: Any = asked.data
            self.heard.append((data["values"], data.get("resolved")))
            await asked.response.edit_message(content="chosen", view=None)
            await asked.followup.send("noted", ephemeral=True)


@pytest.fixture
async def panel(connect: Connect) -> Panel:
    bot = await connect(Panel)
    assert isinstance(bot, Panel)
    return bot


async def shown(stand_in: DiscordStandIn) -> Message:
    guild = stand_in.world.guild
    asked = await stand_in.invoke(guild.member("moderator"), guild.channel("clips"), "animate")
    assert asked.original is not None
    return asked.original


async def test_a_private_panel_with_files_that_loses_its_menus(
    stand_in: DiscordStandIn, panel: Panel
) -> None:
    guild = stand_in.world.guild
    morgan, mia = guild.member("moderator"), guild.member("mia")
    message = await shown(stand_in)
    chart, table = message.attachments
    assert (chart.content_type, table.filename) == ("image/png", "report.csv")
    assert message.embeds[0]["image"]["url"].split("?")[0] == chart.url.split("?")[0]
    assert message not in stand_in.visible(message.channel, mia)
    with pytest.raises(ClientRefusal, match="do not see"):
        await stand_in.choose(mia, message, "size", ["720p"])
    with pytest.raises(ClientRefusal, match="no entries"):
        await stand_in.invoke_menu(morgan, message.channel, "Who made this?", message)
    log = message.components[0]["components"][0]
    expected = {"id": str(guild.channel("mod-log").id), "type": "channel"}
    assert (log["min_values"], log["default_values"]) == (0, [expected])
    await stand_in.choose(morgan, message, "log", [guild.channel("general")])
    values, resolved = panel.heard[0]
    assert values == [str(guild.channel("general").id)]
    assert resolved["channels"][values[0]]["name"] == "general"
    await stand_in.wait_for(lambda: stand_in.interactions[-1].followups)
    assert (message.content, message.components) == ("chosen", [])
    assert message.attachments == (chart, table)
    assert stand_in.interactions[-1].followups[0].ephemeral


async def test_what_one_may_choose(stand_in: DiscordStandIn, panel: Panel) -> None:
    guild = stand_in.world.guild
    mia, vip, general = guild.member("mia"), guild.role("VIP"), guild.channel("general")
    morgan = guild.member("moderator")
    for custom_id, values in (
        ("log", [general, guild.channel("clips")]),
        ("log", [mia]),
        ("voice", [general]),
        ("user", []),
        ("user", [vip]),
        ("user", [GONE]),
        ("both", [mia, mia]),
        ("both", [mia, vip, guild.member("noah")]),
        ("size", ["4k"]),
    ):
        with pytest.raises(ClientRefusal):
            await stand_in.choose(
                guild.member("moderator"), await shown(stand_in), custom_id, values
            )
    assert panel.heard == []
    for custom_id, values in (("log", []), ("both", [mia, vip]), ("size", [])):
        await stand_in.choose(morgan, await shown(stand_in), custom_id, values)
    assert [len(values) for values, _ in panel.heard] == [0, 2, 0]
    assert set(panel.heard[1][1]) == {"users", "members", "roles"}


class Form(ui.Modal, title="Settings"):
    """Every kind of field, as discord.py wraps them."""

    zone = ui.TextInput["Form"](label="Time zone", custom_id="zone", max_length=10)
    log = ui.Label["Form"](
        text="Log channel",
        description="Where I tell",
        component=ui.ChannelSelect(custom_id="log", required=False, min_values=0),
    )
    size = ui.Label["Form"](
        text="Size",
        component=ui.Select(
            custom_id="size", options=[discord.SelectOption(label=s) for s in ("720p", "1080p")]
        ),
    )
    kind = ui.Label["Form"](
        text="Kind",
        component=ui.RadioGroup(
            custom_id="kind", options=[discord.RadioGroupOption(label=s) for s in ("a", "b")]
        ),
    )
    sure = ui.Label["Form"](text="Sure?", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, asked: Asked) -> None:
        log, size, kind, sure = (
            label.component for label in (self.log, self.size, self.kind, self.sure)
        )
        assert isinstance(log, ui.ChannelSelect)
        assert isinstance(size, ui.Select)
        assert isinstance(kind, ui.RadioGroup)
        assert isinstance(sure, ui.Checkbox)
        names = [channel.name for channel in log.values]
        text = f"{self.zone.value} {names} {size.values} {kind.value} {sure.value}"
        await asked.response.send_message(text, ephemeral=True)


@pytest.fixture
async def asked(stand_in: DiscordStandIn, bot: SmallBot) -> Interaction:
    async def answer(asked: Asked, _: discord.Attachment | None) -> None:
        await asked.response.send_modal(Form())

    bot.answer = answer
    guild = stand_in.world.guild
    return await stand_in.invoke(guild.member("moderator"), guild.channel("clips"), "animate")


@pytest.mark.parametrize(
    ("values", "heard"),
    [
        (
            {"zone": "UTC", "log": ["mod-log"], "size": ["720p"], "kind": "b", "sure": True},
            "UTC ['mod-log'] ['720p'] b True",
        ),
        ({"zone": "UTC", "size": "1080p", "kind": "a"}, "UTC [] ['1080p'] a False"),
    ],
)
async def test_a_form_with_every_kind_of_field(
    stand_in: DiscordStandIn, asked: Interaction, values: dict[str, Any], heard: str
) -> None:
    channels = [asked.channel.guild.channel(name) for name in values.get("log", [])]
    sent = await stand_in.submit_modal(asked, values | {"log": channels})
    assert sent.original is not None
    assert sent.original.content == heard


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"zone": ""}, "“Time zone” is required"),
        ({"zone": "x" * 11}, "0 to 10 characters"),
        ({"size": []}, "“Size” is required"),
        ({"size": ["4k"]}, "not in the menu"),
        ({"size": ["720p", "1080p"]}, "Too few or too many"),
        ({"kind": None}, "“Kind” is required"),
        ({"kind": "c"}, "not in the menu"),
        ({"log": ["general"]}, "not in the menu"),
        ({"colour": "red"}, "no field"),
    ],
)
async def test_a_form_that_is_not_filled_in_well_stays(
    stand_in: DiscordStandIn, asked: Interaction, changes: dict[str, Any], sentence: str
) -> None:
    values = {"zone": "UTC", "size": ["720p"], "kind": "b"} | changes
    with pytest.raises(ClientRefusal, match=sentence):
        await stand_in.submit_modal(asked, values)
    assert stand_in.interactions == [asked]


def field(component: dict[str, Any], **label: Any) -> dict[str, Any]:
    return {"type": 18, "label": "Label", "component": component} | label


TEXT = {"type": 4, "style": 1, "custom_id": "text"}


@pytest.mark.parametrize(
    "components",
    [
        [],
        [field(TEXT | {"custom_id": f"{n}"}) for n in range(6)],
        [field(TEXT), field(TEXT)],
        [field(TEXT, label="x" * 46)],
        [field(TEXT, description="x" * 101)],
        [field(TEXT | {"style": 3})],
        [field(menu(max_values=9))],
        [field(menu(disabled=True))],
        [field({"type": 2, "style": 1, "custom_id": "b", "label": "b"})],
        [field({"type": 21, "custom_id": "r", "options": [{"label": "a", "value": "a"}]})],
        [{"type": 1, "components": [menu()]}],
        [{"type": 1, "components": [TEXT]}],
        [menu()],
    ],
)
async def test_bad_forms_are_refused(
    stand_in: DiscordStandIn, bot: SmallBot, api: Api, components: list[Any]
) -> None:
    async def answer(asked: Asked, _: discord.Attachment | None) -> None:
        path = f"/interactions/{asked.id}/{asked.token}/callback"
        data = {"title": "Form", "custom_id": "form", "components": components}
        status, problem = await api("POST", path, {"type": 9, "data": data})
        assert (status, problem["code"]) == (400, 50035)
        data["components"] = [field(menu(max_values=2))]
        assert (await api("POST", path, {"type": 9, "data": data}))[0] == 204

    bot.answer = answer
    guild = stand_in.world.guild
    asked = await stand_in.invoke(guild.member("moderator"), guild.channel("clips"), "animate")
    assert bot.failures == []
    assert asked.modal is not None
