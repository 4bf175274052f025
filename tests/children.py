"""Child processes of the many bots that one process of tests runs.

Started as the real program starts them (`spawn`), each would load its libraries anew: a fifth of a
second for every bot. Here they are forked from a server that has loaded them. Tests that start
`python -m bot` have the real way.
"""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing import forkserver

from bot.base import child_process

LOADED = ["tests.fork_server", "pebble", "bot.media.pictures", "bot.media.videos"]


def fork_children() -> None:
    """For this process and all bots in it."""
    # Each child would else load what this process was started with: pytest, for half a second.
    main = sys.modules["__main__"]
    main.__spec__ = None
    if hasattr(main, "__file__"):
        del main.__file__
    child_process.START_METHOD = "forkserver"
    multiprocessing.set_forkserver_preload(LOADED)


def share_with_forks() -> None:
    """Let the processes that this one forks have their children from the same server."""
    forkserver.ensure_running()
    # It would look whether the server lives, which is no child of theirs.
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign] # as said
