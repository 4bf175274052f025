"""The loops that keep an installation in order beside the bot's work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.base import BACKUP_FOLDER
from bot.maintenance.daily_backup import DailyBackup
from bot.maintenance.daily_deletion import DailyDeletion
from bot.maintenance.daily_tasks import DailyTasks
from bot.maintenance.database_watcher import DatabaseWatcher

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from bot.base import Clock, Database, Timeouts
    from bot.config import Settings
    from bot.jobs.picture_files import PictureFiles


def maintenance_loops(  # noqa: PLR0913 - the parts of the running process
    settings: Settings,
    database: Database,
    pictures: PictureFiles,
    clock: Clock,
    timeouts: Timeouts,
    wake: Callable[[], None],
) -> dict[str, Coroutine[Any, Any, None]]:
    """Build the loops, by name; `wake` is called when there is a message for the owner."""
    folder = settings.data_dir
    deletion = DailyDeletion(database, pictures, clock, settings.retention)
    # In this order: a backup has no more than it has to.
    tasks: dict[str, Callable[[], Awaitable[None]]] = {"deletion": deletion.run}
    if settings.backups_kept:
        to = settings.backup_dir or folder / BACKUP_FOLDER
        backup = DailyBackup(database, folder, to, settings.backups_kept, clock, wake)
        tasks["backup"] = backup.run
    hour, zone = settings.maintenance_hour, settings.time_zone
    return {
        "database watcher": DatabaseWatcher(database, folder, clock, timeouts, wake).run(),
        "daily tasks": DailyTasks(database, clock, timeouts, hour, zone, tasks).run(),
    }
