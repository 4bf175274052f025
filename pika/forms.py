"""A paid request as a form: urlencoded, or multipart where it carries files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from pika.models import Order


def form_of(order: Order) -> aiohttp.FormData:
    """Write out the fields of an order, then its files.

    A form can be sent only once, because sending consumes it.
    """
    form = aiohttp.FormData(default_to_multipart=order.encoding == "multipart")
    for name, value in order.body.items():
        form.add_field(name, str(value))
    for part in order.files:
        # As a stream, because aiohttp warns that large raw bytes may block the event loop.
        form.add_field(
            part.name, io.BytesIO(part.data), filename=part.filename, content_type=part.media_type
        )
    return form
