"""Fetching members' pictures from Discord's CDN."""

from __future__ import annotations

from bot.media.errors import PictureError, PictureProblem
from bot.media.still import MAX_BYTES
from cogs.interactions.attachment_download import (
    AttachmentTooLargeError,
    AttachmentUnfetchedError,
    download_attachment,
)


async def download_picture(url: str) -> bytes:
    """Fetch the bytes of an attached picture, at most `MAX_BYTES`.

    Raises:
        PictureError: It cannot be fetched, or has more bytes.
    """
    try:
        return await download_attachment(url, MAX_BYTES)
    except AttachmentUnfetchedError as error:
        raise PictureError(PictureProblem.UNFETCHED) from error
    except AttachmentTooLargeError as error:
        raise PictureError(PictureProblem.TOO_MANY_BYTES) from error
