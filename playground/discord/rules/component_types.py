"""The types of message components."""

from enum import IntEnum
from typing import Final


class ComponentType(IntEnum):
    """The component types that messages may hold."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17


SELECTS: Final = frozenset({3, 5, 6, 7, 8})
"""The types of select menus."""
