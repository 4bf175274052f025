"""One picture, one `/animate`, one video: the whole bot from a shell."""

import argparse
import asyncio
import io
import os
import re
import sys
from mimetypes import MimeTypes
from pathlib import Path
from typing import Any, Final

import av

from playground.demo.narration import Narration, ShownState, file_size
from playground.discord import Attachment, ClientRefusal, Upload
from playground.discord.state.messages import MessageFlag
from playground.stack.stack import LocalStack, open_stack

QUIET_SECONDS: Final = 300.0
"""How long the bot may say nothing new before the member gives up."""

_REFUSAL: Final = re.compile(r"^⚠️ *(<@\d+>:?)? *")
_OPTIONS: Final = ("prompt", "negative_prompt", "seed", "resolution", "duration")
_TYPES: Final = MimeTypes()
for _name in ("webp", "heic", "heif", "avif"):
    _TYPES.add_type(f"image/{_name}", f".{_name}")


class Refused(Exception):  # noqa: N818 - a refusal is what it is to the member
    """There is no video; the text is the sentence that the member reads."""


class UsageError(Exception):
    """The command line asks for something that cannot be done; the text says what."""


async def make_clip(arguments: argparse.Namespace) -> None:
    """Play Mia in #clips, print what she sees, write the video.

    Raises UsageError before anything is started, Refused, and BotFailed.
    """
    photo, out = _photo(arguments.photo), Path(arguments.out)
    _check_out(out, photo)
    async with open_stack(verbose=arguments.verbose) as stack:
        guild = stack.discord.world.guild
        mia = guild.member("mia")
        given = {name: getattr(arguments, name) for name in _OPTIONS}
        options: dict[str, Any] = {"image": to_upload(photo, mia.upload_limit)}
        options |= {name: value for name, value in given.items() if value is not None}
        narration = Narration(stack.discord, guild.channel("clips"), mia)
        video = await _animate(stack, narration, options)
    print_now(f"{out}: {await asyncio.to_thread(_save, video.data, out)}")


def print_now(text: str) -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _photo(given: str) -> Path:
    if "://" in given:
        raise UsageError(f"{given} is an address: download the picture and give its path.")
    photo = Path(given)
    try:
        if photo.exists() and not photo.is_file():
            raise UsageError(f"{given} is not a file: give the path of one picture.")
        with photo.open("rb"):
            return photo
    except OSError as error:
        sentence = f"{given} cannot be opened ({error.strerror}): give the path of one picture."
        raise UsageError(sentence) from None


def _check_out(out: Path, photo: Path) -> None:
    target = out if out.exists() else out.parent
    if out.is_dir() or not target.exists() or not os.access(target, os.W_OK):
        raise UsageError(f"{out} cannot be written: give --out a file name in a folder of yours.")
    if out.exists() and out.samefile(photo):
        raise UsageError("--out is the picture itself: give the video another name.")


def to_upload(photo: Path, limit: int) -> Upload:
    """The file as the member's client sends it; of one over the limit, enough to be refused."""
    with photo.open("rb") as file:
        return Upload(photo.name, file.read(limit + 1), _TYPES.guess_type(photo.name)[0])


async def _animate(stack: LocalStack, narration: Narration, options: dict[str, Any]) -> Attachment:
    print_now(f"{narration.viewer.name} in #{narration.channel.name}: {_typed(options)}")
    try:
        end = await stack.bot.run_while_alive(_watch(narration, options))
    except ClientRefusal as refusal:
        raise Refused(refusal.sentence) from None
    # Asked to stop, the bot finishes what it has begun to say.
    await stack.bot.stop()
    for state in narration.unseen():
        print_now(narration.describe(state))
    if isinstance(end, str):
        raise Refused(end)
    return end


def _typed(options: dict[str, Any]) -> str:
    values = {n: v.filename if isinstance(v, Upload) else v for n, v in options.items()}
    return " ".join(["/animate", *(f"{name}:{value}" for name, value in values.items())])


async def _watch(narration: Narration, options: dict[str, Any]) -> Attachment | str:
    """Send the command and tell what happens until there is a video, or a sentence why not."""
    discord = narration.discord
    interaction = await discord.invoke(narration.viewer, narration.channel, "animate", options)
    if interaction.failed:
        return "The application did not respond."
    while True:
        try:
            states = await discord.wait_for(narration.unseen, QUIET_SECONDS)
        except TimeoutError:
            return f"The bot has said nothing new for {QUIET_SECONDS:.0f} seconds."
        for state in states:
            print_now(narration.describe(state))
            if (end := _end(state, narration)) is not None:
                return end


def _end(state: ShownState, narration: Narration) -> Attachment | str | None:
    shown = state.shown
    for attachment in shown.attachments:
        if (attachment.content_type or "").startswith("video/"):
            return attachment
    # What all others may read of it says no more than that there is none.
    if state.message.ephemeral and not shown.flags & MessageFlag.LOADING:
        return narration.plain(_REFUSAL.sub("", shown.content).split("\n")[0])
    return None


def _save(data: bytes, out: Path) -> str:
    out.write_bytes(data)
    with av.open(io.BytesIO(data), "r") as container:
        video = container.streams.video[0]
        seconds = (container.duration or 0) / av.time_base
        return f"{file_size(len(data))}, {video.width}x{video.height}, {seconds:.1f} seconds"
