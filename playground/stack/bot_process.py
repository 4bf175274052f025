"""The real bot as a process of its own, started and stopped as an owner would."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from playground.stack import bot_program
from playground.stack.temporary_folder import TemporaryFolder

GRACE_SECONDS: Final = 10.0
"""How long a bot that was asked to stop has until it is killed, as orchestrators do it."""

LOG_TAIL_LINES: Final = 12
"""How much of the log is shown when the bot came to grief."""

_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_ROOT: Final = Path(__file__).resolve().parents[2]
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH")

T = TypeVar("T")


class BotFailed(Exception):  # noqa: N818 - not ours: the bot's
    """The bot ended by itself or never came up; the text says so, with the end of its log."""


class BotProcess:
    """`python -m bot` with nothing but these settings, in a folder without a `.env`.

    Use it as an async context manager; leaving it stops the process, and killing this process
    ends it too. `folder` must be empty. The log goes to a file in it, or to stderr when
    `verbose`.
    """

    def __init__(
        self, settings: Mapping[str, str], folder: TemporaryFolder, *, verbose: bool
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._log = None if verbose else folder.path / "bot.log"
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._should_run = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The process's id; RuntimeError before the first start."""
        if self._process is None:
            raise RuntimeError("the process was not started")
        return self._process.pid

    async def start(self) -> None:
        """Start it, unless it runs; returns before it is connected."""
        async with self._lock:
            await self._start()

    async def stop(self) -> None:
        """Ask it to stop, kill it after `GRACE_SECONDS`; harmless when it has ended."""
        async with self._lock:
            await self._end()

    async def kill(self) -> None:
        """End it at once with SIGKILL, as a power cut would; harmless when it has ended."""
        async with self._lock:
            await self._end(grace=0)

    async def restart(self, *, kill: bool) -> None:
        """Stop or kill it, and start it again with what it has on disk."""
        async with self._lock:
            await self._end(grace=0 if kill else GRACE_SECONDS)
            await self._start()

    async def _start(self) -> None:
        if self.running:
            return
        output = None if self._log is None else os.open(self._log, _APPEND, 0o600)
        try:
            # Its own session: Ctrl-C reaches only us, and we end it in order.
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", bot_program.__name__),
                # We never write to it and never close it: its end tells the bot that we are gone.
                stdin=subprocess.PIPE,
                stdout=sys.stderr if output is None else output,
                stderr=output,
                cwd=self._folder.path,
                env=self._environment(),
                # Or the folder could be removed while the bot still writes into it.
                pass_fds=(self._folder.descriptor,),
                start_new_session=True,
            )
        finally:
            if output is not None:
                os.close(output)
        self._should_run.set()

    async def _end(self, grace: float = GRACE_SECONDS) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._should_run.clear()
        if grace:
            process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await process.wait()
                return
        process.kill()
        await process.wait()

    async def run_while_alive(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work returns; BotFailed as soon as the bot ends without being told to."""
        if self._process is None:
            raise RuntimeError("the process was not started")
        working = asyncio.ensure_future(work)
        ending = asyncio.ensure_future(self._unexpected_exit())
        try:
            await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise self.failure(f"The bot ended with {_exit_words(ending.result())}.")
            return working.result()
        finally:
            working.cancel()
            ending.cancel()
            await asyncio.gather(working, ending, return_exceptions=True)

    async def _unexpected_exit(self) -> int:
        """The exit status with which it ended by itself."""
        while True:
            await self._should_run.wait()
            process = self._process
            if process is None:
                raise RuntimeError("the process was not started")
            status = await process.wait()
            if self._should_run.is_set() and process is self._process:
                return status

    def failure(self, sentence: str) -> BotFailed:
        """The sentence with the end of the log, where that went to a file."""
        if self._log is None:
            return BotFailed(sentence)
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        if not lines:
            return BotFailed(f"{sentence} It logged nothing.")
        tail = "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:])
        return BotFailed(f"{sentence} The end of its log:\n{tail}")

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        inherited_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        path = [str(_ROOT), *(str(Path(entry).absolute()) for entry in inherited_path if entry)]
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join(path),
            "TMPDIR": str(self._folder.path),
            **self._settings,
        }


def _exit_words(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
