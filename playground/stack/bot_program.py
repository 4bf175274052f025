"""Run as a program: `python -m bot`, which ends when the playground does.

Standard input is a pipe whose other end only the playground holds. Nobody writes to it; its end
means that the playground is gone, however it ended.
"""

import os
import runpy
import signal
import threading
from typing import Final

_STANDARD_INPUT: Final = 0


def main() -> None:
    """Run the bot in this process, so that signals and exit status are the bot's own."""
    # A pipe and a thread, as Linux's PR_SET_PDEATHSIG is unknown to macOS.
    threading.Thread(target=_end_with_playground, daemon=True).start()
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


def _end_with_playground() -> None:
    os.read(_STANDARD_INPUT, 1)
    # Not SIGTERM: Discord and Pika went with the playground, and the bot would wait for them.
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
