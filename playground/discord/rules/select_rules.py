"""Select menus, radio buttons and check boxes: what bots may show, what people may choose."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from playground.discord.rules.component_types import SELECTS, ComponentType
from playground.discord.rules.forms import FormCheck, is_snowflake
from playground.discord.rules.option_rules import ClientRefusal
from playground.discord.state.entities import Channel, Member, Role, User
from playground.discord.state.permissions import Permission
from playground.json_types import Json

RADIO_GROUP: Final = 21
CHECKBOX_GROUP: Final = 22
CHECKBOX: Final = 23
"""The component types of forms in which one ticks something."""

_TEXT_CHANNEL: Final = 0
_OPTIONS: Final[Mapping[int, tuple[int, int]]] = {
    ComponentType.STRING_SELECT: (1, 25),
    RADIO_GROUP: (2, 10),
    CHECKBOX_GROUP: (1, 10),
}
_PRESETS: Final[Mapping[int, frozenset[str]]] = {
    ComponentType.USER_SELECT: frozenset({"user"}),
    ComponentType.ROLE_SELECT: frozenset({"role"}),
    ComponentType.MENTIONABLE_SELECT: frozenset({"user", "role"}),
    ComponentType.CHANNEL_SELECT: frozenset({"channel"}),
}
_CHOSEN: Final[Mapping[int, tuple[type, ...]]] = {
    ComponentType.STRING_SELECT: (str,),
    RADIO_GROUP: (str,),
    CHECKBOX_GROUP: (str,),
    ComponentType.USER_SELECT: (User, Member),
    ComponentType.ROLE_SELECT: (Role,),
    ComponentType.MENTIONABLE_SELECT: (User, Member, Role),
    ComponentType.CHANNEL_SELECT: (Channel,),
}


def answer_limits(menu: Json) -> tuple[int, int]:
    """The least and most that may be chosen from it."""
    low, high = menu.get("min_values"), menu.get("max_values")
    default = len(menu["options"]) if menu["type"] == CHECKBOX_GROUP else 1
    return 1 if low is None else low, default if high is None else high


def check_select(form: FormCheck, path: str, menu: Json) -> None:
    """Note each fault of a menu or a group to tick in; its custom id is checked elsewhere."""
    form.text(f"{path}.placeholder", menu.get("placeholder"), 0, 150, required=False)
    kind = menu["type"]
    for key, low in (("min_values", 0), ("max_values", 1)):
        if menu.get(key) is not None:
            form.choice(f"{path}.{key}", menu[key], range(low, _OPTIONS.get(kind, (0, 25))[1] + 1))
    if kind in _OPTIONS:
        presets = _check_options(form, path, menu)
    else:
        presets = _check_presets(form, path, menu)
    if form.faults:
        return
    low, high = answer_limits(menu)
    if low > high or (presets and not (kind in _OPTIONS or low <= presets)) or presets > high:
        form.fault(path, "SELECT_COMPONENT_VALUES_RANGE", "Bounds and presets do not go together.")


def _check_options(form: FormCheck, path: str, menu: Json) -> int:
    low, high = _OPTIONS[menu["type"]]
    options = form.objects(f"{path}.options", menu.get("options"), low, high)
    values: set[object] = set()
    for index, option in enumerate(options):
        where = f"{path}.options.{index}"
        for key in ("label", "value"):
            form.text(f"{where}.{key}", option.get(key), 1, 100)
        form.text(f"{where}.description", option.get("description"), 0, 100, required=False)
        if option.get("value") in values:
            code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
            form.fault(f"{where}.value", code, "The specified option value is already used")
        values.add(option.get("value"))
    most = menu.get("max_values")
    if isinstance(most, int) and options and most > len(options):
        form.fault(f"{path}.max_values", "BASE_TYPE_MAX_VALUE", "There are fewer options.")
    return sum(bool(option.get("default")) for option in options)


def _check_presets(form: FormCheck, path: str, menu: Json) -> int:
    presets = form.objects(f"{path}.default_values", menu.get("default_values"), 0, 25)
    for index, preset in enumerate(presets):
        fits = preset.get("type") in _PRESETS[menu["type"]] and is_snowflake(preset.get("id"))
        if not fits:
            where = f"{path}.default_values.{index}"
            form.fault(where, "SELECT_COMPONENT_DEFAULT_VALUE", "No id of a fitting type.")
    return len(presets)


def check_choice(menu: Json, values: Sequence[Any], viewer: Member) -> None:
    """ClientRefusal unless the viewer's client lets exactly these be chosen."""
    low, high = answer_limits(menu)
    if not low <= len(values) <= high:
        raise ClientRefusal("Too few or too many were chosen.")
    if any(value in values[:index] for index, value in enumerate(values)):
        raise ClientRefusal("That was chosen twice.")
    if not all(_offers(menu, value, viewer) for value in values):
        raise ClientRefusal("That is not in the menu.")


def _offers(menu: Json, value: object, viewer: Member) -> bool:
    if not isinstance(value, _CHOSEN[menu["type"]]):
        return False
    if menu["type"] not in SELECTS or menu["type"] == ComponentType.STRING_SELECT:
        return value in [option["value"] for option in menu["options"]]
    if isinstance(value, Channel):
        fits = not menu.get("channel_types") or _TEXT_CHANNEL in menu["channel_types"]
        return fits and viewer.may(value, Permission.VIEW_CHANNEL)
    return True
