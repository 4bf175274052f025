"""Run as a program: a temporary folder that goes when everybody who uses it has ended.

It makes the folder, prints its path, and waits for the end of its standard input: a pipe whose
other end is held by the playground and the bot. Then it removes the folder. So the folder goes
also when the playground is killed and can clear nothing away.

A start that sweeps up after earlier ones would be simpler and was not chosen: what people try
once they do not start again, and their pictures and videos would stay. A process is needed
because nothing else outlives SIGKILL on Linux and macOS alike.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final

_STANDARD_INPUT: Final = 0
_STANDARD_OUTPUT: Final = 1


def main() -> None:
    """Keep the folder until the end of standard input."""
    # Who ends all of these processes at once means the playground, which then ends the bot.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folder = Path(tempfile.mkdtemp(prefix="animate-bot-")).absolute()
    try:
        # Python's sys.stdout would leave the descriptor open, and the reader waits for its end.
        os.write(_STANDARD_OUTPUT, os.fsencode(folder))
        os.close(_STANDARD_OUTPUT)
        os.read(_STANDARD_INPUT, 1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
