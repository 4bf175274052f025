"""Programs of other people's libraries, run beside the stand-ins that they are tried on."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any, Final

from tests.libraries.environments import HERE, node_packages, own_environment, python_with

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

_SECONDS: Final = 60


def program(library: str, folder: Path, kind: str = "bot") -> list[str]:
    """The command line of the library's program; skips where its environment cannot be made.

    Its log is to be written into the folder, in which Node finds its packages.
    """
    script = HERE / f"{kind}s" / f"{library}_{kind}.py"
    if script.exists():
        return [python_with(library), str(script)]
    modules = node_packages() / "node_modules"
    shutil.copy(script.with_suffix(".mjs"), folder)
    (folder / "node_modules").symlink_to(modules)
    return ["node", str(folder / script.with_suffix(".mjs").name)]


async def play_beside(
    command: list[str], folder: Path, play: Coroutine[Any, Any, None], **settings: str
) -> None:
    """Play while the program runs; what it wrote is shown where the test fails."""
    process = await _start(command, folder, settings)
    playing = asyncio.create_task(play)
    ended = asyncio.create_task(process.wait())
    await asyncio.wait({playing, ended}, return_when=asyncio.FIRST_COMPLETED)
    alone = not playing.done()
    playing.cancel()
    if not ended.done():
        process.kill()
    await ended
    _show_log(folder)
    assert not alone, "the program ended by itself"
    playing.result()


async def run_to_the_end(command: list[str], folder: Path, **settings: str) -> str:
    """What the program wrote; AssertionError where it fails."""
    process = await _start(command, folder, settings)
    async with asyncio.timeout(_SECONDS):
        status = await process.wait()
    text = _show_log(folder)
    assert status == 0
    return text


async def _start(
    command: list[str], folder: Path, settings: dict[str, str]
) -> asyncio.subprocess.Process:
    with _log(folder).open("wb") as out:
        return await asyncio.create_subprocess_exec(
            *command, env=own_environment(**settings), cwd=folder, stdout=out, stderr=out
        )


def _log(folder: Path) -> Path:
    return folder / "program.log"


def _show_log(folder: Path) -> str:
    text = _log(folder).read_text()
    print(text)
    return text
