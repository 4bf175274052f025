"""The base of every room: clock, database, timeouts, errors, limits, sizes; import it from here.

Other modules have what only some rooms need: checked text, references, key values.

What is named here is imported when it is first asked for: a child process that decodes pictures
needs an error and a decorator, and would take four times as long to start with the libraries of the
database and of Pika.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.base.clock import (
        CLOCK_SECONDS_OFF,
        Clock,
        SteadyClock,
        from_ms,
        to_ms,
        utc_now,
    )
    from bot.base.database import (
        Database,
        SqlRow,
        SqlValue,
        Transaction,
        newest_schema,
        open_database,
        stored_value,
        try_database,
    )
    from bot.base.database_file import BACKUP_FOLDER, DATABASE_FILE
    from bot.base.direct_messages import DIRECT_MESSAGES
    from bot.base.errors import (
        BotError,
        ChannelUnreachableError,
        ContentRefusedError,
        DatabaseFileError,
        DatabaseLostError,
        DeliveryError,
        FileTooLargeError,
        MessageDeletedError,
        MessageRefusedError,
        ModerationError,
        RequestRefusedError,
        TextError,
        TextProblem,
        UnknownChoiceError,
        UnreachableError,
        UnreadableVideoError,
    )
    from bot.base.folders import (
        LEAST_FREE_BYTES,
        check_writable,
        delete_files,
        free_bytes,
        make_private,
        sync_folder,
    )
    from bot.base.limits import (
        ZERO_COST,
        Cost,
        Interval,
        Limit,
        Unit,
        Window,
        midnight,
        next_period,
        window_interval,
    )
    from bot.base.picture_folder import (
        PICTURE_FOLDER,
        delete_pictures,
        picture_name,
        picture_of,
        write_picture,
        write_pictures,
    )
    from bot.base.service_class import service
    from bot.base.tell import Tell
    from bot.base.timeouts import Timeouts
    from bot.base.value_class import value
    from bot.base.video_options import DEFAULT_RESOLUTION, DURATIONS, RESOLUTIONS

__all__ = [
    "BACKUP_FOLDER",
    "CLOCK_SECONDS_OFF",
    "DATABASE_FILE",
    "DEFAULT_RESOLUTION",
    "DIRECT_MESSAGES",
    "DURATIONS",
    "LEAST_FREE_BYTES",
    "PICTURE_FOLDER",
    "RESOLUTIONS",
    "ZERO_COST",
    "BotError",
    "ChannelUnreachableError",
    "Clock",
    "ContentRefusedError",
    "Cost",
    "Database",
    "DatabaseFileError",
    "DatabaseLostError",
    "DeliveryError",
    "FileTooLargeError",
    "Interval",
    "Limit",
    "MessageDeletedError",
    "MessageRefusedError",
    "ModerationError",
    "RequestRefusedError",
    "SqlRow",
    "SqlValue",
    "SteadyClock",
    "Tell",
    "TextError",
    "TextProblem",
    "Timeouts",
    "Transaction",
    "Unit",
    "UnknownChoiceError",
    "UnreachableError",
    "UnreadableVideoError",
    "Window",
    "check_writable",
    "delete_files",
    "delete_pictures",
    "free_bytes",
    "from_ms",
    "make_private",
    "midnight",
    "newest_schema",
    "next_period",
    "open_database",
    "picture_name",
    "picture_of",
    "service",
    "stored_value",
    "sync_folder",
    "to_ms",
    "try_database",
    "utc_now",
    "value",
    "window_interval",
    "write_picture",
    "write_pictures",
]

_MODULES: Final = (
    *("errors", "value_class", "service_class", "timeouts", "tell", "direct_messages"),
    *("video_options", "clock", "folders", "picture_folder", "database_file"),
    *("database", "limits"),
)
"""Where names are looked for, in the order of what it takes to import them."""

# Not for the type checker, which would take any name to be here.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name in __all__:
            for module in _MODULES:
                found = vars(import_module(f"{__name__}.{module}"))
                if name in found:
                    globals()[name] = found[name]
                    return found[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
