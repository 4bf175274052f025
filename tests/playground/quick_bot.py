"""As `playground/stack/bot_program.py`, with the waiting times of tests."""

from __future__ import annotations

import dataclasses
import sys
import threading
from functools import partial

from bot import __main__ as bot
from bot.base import Timeouts
from playground.stack.bot_program import _end_with_playground
from tests.timeouts import QUICK

if __name__ == "__main__":
    threading.Thread(target=_end_with_playground, daemon=True).start()
    # Of all else a person may say that it lasts: only the looks at a render come sooner.
    timeouts = dataclasses.replace(Timeouts(), gap_scale=QUICK.gap_scale)
    bot.run = partial(bot.run, timeouts=timeouts)
    sys.exit(bot.main())
