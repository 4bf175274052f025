"""What a clip is made of: pictures and videos that were uploaded, are public, or are invented."""

import http.client
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import av
from PIL import Image
from yarl import URL

from playground.pika.jobs.files import MAX_UPLOAD_BYTES, Files, Upload
from playground.pika.models.fields import Media
from playground.pika.video.picture import PictureError, upright_size
from playground.pika.video.renderer import ClipOrder

SHORT_SIDES: Final[Mapping[str, int]] = {"720p": 720, "1080p": 1080}
"""Pixels of a clip's short side by the name of its resolution."""

Preparation: TypeAlias = Callable[[], object]
"""Work for a thread before a clip's picture is there; raises PictureError."""

_FETCH_SECONDS: Final = 5
_BACKDROP_SHORT_SIDE: Final = 240


@dataclass(frozen=True, slots=True)
class RenderInput:
    """`picture` is a file that is there after the preparations; `size_bytes` of all inputs."""

    picture: Path
    preparations: tuple[Preparation, ...] = ()
    size_bytes: int = 0


def clip_of(
    render_input: RenderInput | None, body: Mapping[str, object], seconds: int
) -> ClipOrder | None:
    """The clip of a checked body, without a seed with a random one; None without its picture."""
    if render_input is None:
        return None
    words = (body.get(name) for name in ("prompt", "prompt_override", "pikaffect"))
    seed = body.get("seed")
    return ClipOrder(
        picture=render_input.picture,
        prompt=str(next(filter(None, words), "")),
        negative_prompt=str(body.get("negative_prompt") or ""),
        seed=seed if isinstance(seed, int) else secrets.randbelow(2**31),
        short_side=SHORT_SIDES[str(body.get("resolution", "720p"))],
        seconds=seconds,
    )


def from_uploads(wanted: Sequence[tuple[Media, Upload | None]], files: Files) -> RenderInput | None:
    """The first upload is what moves, the others need only be readable.

    None where one is missing or was not announced as the medium that is wanted of it.
    """
    there = [
        (upload, upload.path)
        for media, upload in wanted
        if upload and upload.path and upload.is_video is (media == "video")
    ]
    if not there or len(there) != len(wanted):
        return None
    (first, picture), *others = there
    preparations: list[Preparation] = [_probe(upload, path) for upload, path in others]
    if first.is_video:
        video, picture = picture, files.picture_path()
        preparations.append(partial(_take_first_frame, video, picture))
    return RenderInput(picture, tuple(preparations), sum(upload.size_bytes for upload, _ in there))


def from_text(aspect: float, files: Files) -> RenderInput:
    """A plain picture of this aspect (width / height)."""
    path = files.picture_path()
    return RenderInput(path, (partial(_paint, path, aspect),))


def from_url(url: str, files: Files) -> RenderInput:
    """The picture at a plain http address, fetched once and without following redirects."""
    path = files.picture_path()
    return RenderInput(path, (partial(_fetch, url, path),))


def first_frame(path: Path) -> Image.Image:
    """The first picture of a video; raises PictureError."""
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                # av names no types here.
                picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
                return picture
    except (av.error.FFmpegError, IndexError) as error:
        raise PictureError(f"cannot be decoded: {error}") from error
    raise PictureError("has no picture")


def _probe(upload: Upload, path: Path) -> Preparation:
    return partial(first_frame if upload.is_video else upright_size, path)


def _take_first_frame(video: Path, picture: Path) -> None:
    first_frame(video).save(picture, "PNG")


def _paint(path: Path, aspect: float) -> None:
    height = _BACKDROP_SHORT_SIDE
    size = (round(height * aspect), height)
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    round_about = Image.radial_gradient("L").resize(size)
    Image.merge("RGB", (across, down, round_about)).save(path, "PNG")


def _fetch(url: str, path: Path) -> None:
    where = URL(url)
    connection = http.client.HTTPConnection(where.authority, timeout=_FETCH_SECONDS)
    try:
        connection.request("GET", where.raw_path_qs)
        answer = connection.getresponse()
        data = answer.read(MAX_UPLOAD_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise PictureError(f"cannot be fetched: {error}") from error
    finally:
        connection.close()
    if answer.status != http.client.OK or len(data) > MAX_UPLOAD_BYTES:
        raise PictureError(f"cannot be fetched: HTTP {answer.status}, {len(data)} bytes")
    path.write_bytes(data)
