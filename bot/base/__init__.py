"""The base of every room: clock, database, timeouts, errors, video sizes; import it from here.

Other modules have what only some rooms need: checked text, references, key values.
"""

from bot.base.clock import Clock, from_ms, to_ms, utc_now
from bot.base.database import (
    Database,
    SqlRow,
    SqlValue,
    Transaction,
    open_database,
    try_database,
)
from bot.base.errors import (
    BotError,
    ChannelUnreachableError,
    DatabaseFileError,
    DeliveryError,
    FileTooLargeError,
    MessageDeletedError,
    ModerationError,
    RequestRefusedError,
    TextError,
    TextProblem,
    UnknownChoiceError,
)
from bot.base.folders import check_writable, delete_files
from bot.base.picture_folder import (
    PICTURE_FOLDER,
    delete_pictures,
    picture_name,
    picture_of,
    write_picture,
    write_pictures,
)
from bot.base.timeouts import Timeouts
from bot.base.video_options import DEFAULT_RESOLUTION, DURATIONS, RESOLUTIONS

__all__ = [
    "DEFAULT_RESOLUTION",
    "DURATIONS",
    "PICTURE_FOLDER",
    "RESOLUTIONS",
    "BotError",
    "ChannelUnreachableError",
    "Clock",
    "Database",
    "DatabaseFileError",
    "DeliveryError",
    "FileTooLargeError",
    "MessageDeletedError",
    "ModerationError",
    "RequestRefusedError",
    "SqlRow",
    "SqlValue",
    "TextError",
    "TextProblem",
    "Timeouts",
    "Transaction",
    "UnknownChoiceError",
    "check_writable",
    "delete_files",
    "delete_pictures",
    "from_ms",
    "open_database",
    "picture_name",
    "picture_of",
    "to_ms",
    "try_database",
    "utc_now",
    "write_picture",
    "write_pictures",
]
