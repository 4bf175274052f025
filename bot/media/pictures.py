"""Whatever a member attached becomes one clean JPEG, or a refusal.

A file is judged by its content and never by its name. Files that are hostile by their bytes,
pixels or frames are refused before anything is decoded.

Importing this module loads the decoders; only `picture_decoder` does, in a child process.
"""

from __future__ import annotations

import io
from typing import Final

import pillow_heif
from PIL import (
    AvifImagePlugin,
    ExifTags,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    UnidentifiedImageError,
)

from bot.media import jpeg, png, webp
from bot.media.errors import PictureError, PictureProblem
from bot.media.gif import count_frames
from bot.media.perceptual_hash import PARTS, SIDE, hash_parts
from bot.media.still import (
    LONG_SIDE,
    MAX_FRAMES,
    MAX_PIXELS,
    MAX_SCANS,
    PictureChange,
    Still,
    check_picture_size,
    check_sides,
)

# No others: one of Pillow's decoders starts Ghostscript, and members need none of them.
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
# How a picture is turned upright, by the orientation that its camera noted (EXIF). Pillow's
# own `exif_transpose` fails where the rest of the notes is damaged, as it often is.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# How Pillow spreads grays of 2 and 4 bits over 8; not so the one that means transparency.
_SCALES: Final = {"L;2": 85, "L;4": 17}
# Pixels of an animation that are looked at for a frame that shows something.
_SEARCHED_PIXELS: Final = 200_000_000
_SRGB: Final = ImageCms.createProfile("sRGB")

# This module measures pictures itself, before decoding, and refuses where Pillow would warn.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener(thumbnails=False)
# Not one thread for each core: each takes its part of the addresses that the child may use.
pillow_heif.options.DECODE_THREADS = AvifImagePlugin.DEFAULT_MAX_THREADS = 2


def decode_picture(data: bytes) -> Still:
    """Turn a picture file into a still. Takes some seconds and 400 MB with the largest.

    Raises:
        PictureError: The picture cannot be used.
    """
    check_picture_size(len(data))
    _check_pixels("WEBP", webp.read_size(data) or (0, 0))
    try:
        return _decode(webp.note_transparency(png.keep_pixels(data)))
    except UnidentifiedImageError as error:
        raise PictureError(PictureProblem.NOT_A_PICTURE) from error
    except MemoryError as error:
        raise PictureError(PictureProblem.TOO_COSTLY) from error
    except PictureError:
        raise
    except Exception as error:
        # Pillow's plug-ins raise nearly everything for broken files, ZeroDivisionError included.
        raise PictureError(PictureProblem.BROKEN) from error


def _decode(data: bytes) -> Still:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        _check_shape(picture, data)
        kind = _format(picture)
        if kind == "PNG" and not png.has_all_rows(data):
            raise PictureError(PictureProblem.BROKEN)
        if kind == "JPEG" and jpeg.lacks_end(data):
            return _decode_unended(data.rstrip(b"\xff"))
        changes = _changes(picture)
        flat = _first_seen(picture, data) if _is_animation(picture) else _flat(picture, data)
        return Still(_encode(flat), flat.width, flat.height, changes, _hash(flat))


def _decode_unended(data: bytes) -> Still:
    """Take a JPEG without its end if it has all pixels."""
    still, other = (_decode(data + end) for end in jpeg.ENDS)
    if still.data != other.data:
        raise PictureError(PictureProblem.BROKEN)
    return still


def _check_shape(picture: ImageFile.ImageFile, data: bytes) -> None:
    """Refuse a picture by its headers; nothing is decoded yet."""
    kind = _format(picture)
    scans = jpeg.count_scans(data, MAX_SCANS) if kind == "JPEG" else 0
    # libjpeg keeps the whole picture in memory where it comes in several passes.
    _check_pixels("progressive JPEG" if scans > 1 else kind, picture.size)
    check_sides(*picture.size)
    # Pillow would walk through all the frames of a GIF to count them.
    frames = count_frames(data, MAX_FRAMES) if kind == "GIF" else getattr(picture, "n_frames", 1)
    if frames > MAX_FRAMES:
        raise PictureError(PictureProblem.TOO_MANY_FRAMES)
    if scans > MAX_SCANS:
        raise PictureError(PictureProblem.BROKEN)


def _check_pixels(kind: str, size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS[kind]:
        raise PictureError(PictureProblem.TOO_MANY_PIXELS, MAX_PIXELS[kind])


def _format(picture: ImageFile.ImageFile) -> str:
    return "JPEG" if picture.format == "MPO" else str(picture.format)


def _changes(picture: ImageFile.ImageFile) -> tuple[PictureChange, ...]:
    found = []
    if _is_animation(picture):
        found.append(PictureChange.FIRST_FRAME)
    if picture.mode == "CMYK":
        found.append(PictureChange.PRINT_COLOURS)
    if _is_deep(picture):
        found.append(PictureChange.DEEP_COLOURS)
    return tuple(found)


def _is_animation(picture: ImageFile.ImageFile) -> bool:
    # The pictures of a HEIF are a burst, or two eyes' views; MPO is a JPEG with further ones
    # behind it, such as previews and depth.
    return picture.format not in {"MPO", "HEIF"} and getattr(picture, "is_animated", False)


def _is_deep(picture: ImageFile.ImageFile) -> bool:
    """Whether a PNG has 16 bits a channel; of coloured ones, Pillow itself keeps 8."""
    return any(str(tile.args).endswith(";16B") for tile in picture.tile)


def _first_seen(picture: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """The first frame of an animation that is not all white, or else the very first."""
    # The picture that a PNG keeps for those who know no animations is none of its frames.
    first = int(getattr(picture, "default_image", False))
    most = max(1, _SEARCHED_PIXELS // (picture.width * picture.height))
    found = None
    for number in range(first, min(first + most, getattr(picture, "n_frames", 1))):
        try:
            picture.seek(number)
        except EOFError:
            break
        # A GIF grows with its frames.
        _check_pixels(_format(picture), picture.size)
        flat = _flat(picture, data)
        found = found or flat
        if flat.getextrema() != ((255, 255),) * 3:
            return flat
    return found or _flat(picture, data)


def _flat(picture: ImageFile.ImageFile, data: bytes) -> Image.Image:
    opaque = _opaque(picture, data)
    # A frame is copied: those that follow are laid on it.
    return _flatten(_upright(picture.copy() if _is_animation(picture) else picture, opaque))


def _opaque(picture: ImageFile.ImageFile, data: bytes) -> Image.Image | None:
    """Where a picture is not transparent, if Pillow would not tell by itself.

    A GIF is transparent around its first frame. A PNG of 16 bits is so where it has exactly one
    colour; of 2 and 4 bits, that colour is brought to 8, as the pixels will be.
    """
    key = picture.info.get("transparency")
    if picture.format == "GIF" and picture.tell() == 0 and key is None and picture.tile:
        opaque = Image.new("L", picture.size)
        opaque.paste(255, picture.tile[0].extents)
        return opaque
    if picture.format != "PNG" or not isinstance(key, int | tuple):
        return None
    if not _is_deep(picture):
        scale = _SCALES.get(str(picture.tile[0].args) if picture.tile else "")
        if scale and isinstance(key, int):
            picture.info["transparency"] = key * scale
        return None
    del picture.info["transparency"]
    if isinstance(key, int):
        return picture.convert("I").point([255 * (value != key) for value in range(65536)], "L")
    with Image.open(io.BytesIO(data), formats=["PNG"]) as low:
        # The second byte of each channel; Pillow takes the first.
        low.tile = [tile._replace(args="RGB;16L") for tile in low.tile]
        differs = _differs(low, [value & 255 for value in key])
    return ImageChops.lighter(differs, _differs(picture, [value >> 8 for value in key]))


def _differs(picture: Image.Image, colour: list[int]) -> Image.Image:
    """White where a picture has not this colour, and black where it has."""
    found = Image.new("L", picture.size)
    for channel, wanted in enumerate(colour):
        other = picture.getchannel(channel).point([255 * (v != wanted) for v in range(256)])
        found = ImageChops.lighter(found, other)
    return found


def _upright(picture: Image.Image, opaque: Image.Image | None) -> Image.Image:
    """Decode no larger than needed, scale, and apply the camera's orientation."""
    profile = picture.info.get("icc_profile")
    turn = _TURNS.get(_orientation(picture))
    # A JPEG is decoded at a fraction of its size where that does; other formats know none.
    shrunk = LONG_SIDE / max(picture.size)
    picture.draft(None, (round(picture.width * shrunk), round(picture.height * shrunk)))
    picture.load()
    if picture.mode.startswith("I"):
        # `convert("L")` alone would clip 16 bits instead of scaling: nearly all became white.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if opaque:
        picture.putalpha(opaque)
    # Numbers of palette entries, or one transparent colour, cannot be blended when scaling.
    if picture.mode in {"P", "PA", "1"} or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _to_srgb(picture if turn is None else picture.transpose(turn), profile)


def _orientation(picture: Image.Image) -> int:
    """Read how the camera was held, and nothing else of its notes, which are often damaged.

    Browsers heed EXIF alone, and none in a WebP. Pillow's `getexif` goes on to XMP.
    """
    notes = Image.Exif()
    try:
        notes.load(b"" if picture.format == "WEBP" else picture.info.get("exif", b""))
        orientation = notes.get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - what Pillow raises here is as open as in `decode_picture`
        return 1
    return orientation if isinstance(orientation, int) else 1


def _to_srgb(picture: Image.Image, profile: object) -> Image.Image:
    if not isinstance(profile, bytes):
        return picture
    alpha = picture.getchannel("A") if "A" in picture.getbands() else None
    colours = {"L": "L", "LA": "L", "CMYK": "CMYK"}.get(picture.mode, "RGB")
    base = picture if picture.mode == colours else picture.convert(colours)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(base, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A profile that is broken, or for another kind of colours, says nothing of these.
        return picture
    if converted is None:
        return picture
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _flatten(picture: Image.Image) -> Image.Image:
    """Lay a transparent picture on white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    background = Image.new("RGBA", layer.size, "white")
    background.alpha_composite(layer)
    return background.convert("RGB")


def _hash(picture: Image.Image) -> str | None:
    grey, (width, height) = picture.convert("L"), picture.size
    boxes = ((a * width, b * height, c * width, d * height) for a, b, c, d in PARTS)
    box = Image.Resampling.BOX
    return hash_parts(grey.resize((SIDE, SIDE), box, box=it).tobytes() for it in boxes)


def _encode(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    # Privacy: Pillow would copy the original's comment.
    picture.info = {}
    picture.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue()
