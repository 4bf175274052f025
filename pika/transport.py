"""HTTP for every provider: where the key may go, what is retried, how much is read."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from typing import TYPE_CHECKING, Final

import aiohttp
from yarl import URL

from pika.errors import (
    BadPictureError,
    ConfigurationError,
    DownloadError,
    InDoubtError,
    UnavailableError,
    UnexpectedReplyError,
    VideoTooLargeError,
)
from pika.forms import form_of
from pika.reply import read_reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from pydantic import JsonValue, SecretStr

    from pika.models import Order
    from pika.reply import Reply

log = logging.getLogger(__name__)

CALL_TIMEOUT: Final = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=45)
TRANSFER_TIMEOUT: Final = aiohttp.ClientTimeout(total=600, sock_connect=10, sock_read=30)
MAX_REDIRECTS: Final = 5
MAX_KEY_CHARACTERS: Final = 200
SAFE_TRIES: Final = 3
SAFE_PAUSE: Final = 0.5
"""Seconds before the first repetition of a safe call; doubled for each further one."""
_CHUNK_BYTES: Final = 1_048_576
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_BASE: Final = re.compile(r"https?://[^\s/?#@\\]+/?", re.IGNORECASE)
_NOT_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


def origin_of(base: str, setting: str = "base") -> URL:
    """Turn a configured base into an origin; errors carry `setting` as their code.

    Raises:
        ConfigurationError: Not `http(s)://host[:port]`, or with a path, query or user.
    """
    try:
        origin = URL(base).origin()
    except ValueError as error:
        raise ConfigurationError("http(s)://host[:port]", code=setting) from error
    if not _BASE.fullmatch(base):
        raise ConfigurationError(
            "http(s)://host[:port] without path, query or credentials", code=setting
        )
    return origin.with_port(None) if origin.is_default_port() else origin


class Transport:
    """Requests to one origin of a provider. Its key goes there and nowhere else.

    Args:
        session: Is borrowed, and not closed.
        base: The origin.
        auth: Headers that carry the key.
        setting: Which setting of an account `base` is; becomes the code of its errors.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: str,
        auth: Mapping[str, SecretStr],
        setting: str = "base",
    ) -> None:
        self._session = session
        self._origin = origin_of(base, setting)
        self._auth = auth

    async def paid(self, order: Order, key: str | None = None) -> Reply:
        """POST an order once, with the account's key. Nothing here ever repeats it.

        Args:
            order: What to send.
            key: The idempotency key, 1 to 200 printable ASCII characters, if the wire has any.

        Raises:
            ConfigurationError: The idempotency key cannot be sent.
            UnavailableError: It never left this machine.
            InDoubtError: It left, and no answer was read.
        """
        headers = {} if key is None else {"Idempotency-Key": _checked(key)}
        json, data = (order.body, None) if order.encoding == "json" else (None, form_of(order))
        try:
            return await self._call("POST", order.path, headers, json=json, data=data)
        except UnexpectedReplyError as error:
            raise InDoubtError(error.detail, http_status=error.http_status) from error

    async def free(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None = None
    ) -> Reply:
        """Call what costs nothing and may be repeated, with the key.

        `path` may be a whole address on the configured origin. Connection failures are tried
        three times in all.

        Raises:
            UnavailableError: No answer was read.
            UnexpectedReplyError: The answer was over the size cap.
        """
        for attempt in range(SAFE_TRIES - 1):
            try:
                return await self._call(method, path, {}, json=body)
            except (UnavailableError, InDoubtError) as error:
                log.info("%s %s failed, trying again: %s", method, path, error)
                await asyncio.sleep(SAFE_PAUSE * 2**attempt)
        try:
            return await self._call(method, path, {}, json=body)
        except InDoubtError as error:
            raise UnavailableError(error.detail) from error

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        """PUT bytes to an address that the provider handed out, without the key.

        Raises:
            BadPictureError: They are refused for their size or type.
            UnavailableError: They were not taken, or no answer was read.
            UnexpectedReplyError: The address or the headers are not ones to send.
        """
        try:
            async with self._session.put(
                self._checked_url(url),
                data=io.BytesIO(data),
                headers=headers,
                skip_auto_headers={"Content-Type"},
                timeout=TRANSFER_TIMEOUT,
                allow_redirects=False,
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnavailableError(_describe(error)) from error
        except ValueError as error:
            raise UnexpectedReplyError("upload headers that cannot be sent") from error
        if status in {413, 415}:
            raise BadPictureError("the upload was refused", http_status=status)
        if not 200 <= status < 300:  # noqa: PLR2004 - the class of HTTP success
            raise UnavailableError("the upload failed", http_status=status)

    async def download(self, url: str, path: Path, max_bytes: int) -> int:
        """Stream a video to `path`, which exists only once it is complete.

        Redirects are followed by hand, and the key goes along only where a hop is on
        the provider's own origin.

        Returns:
            The size in bytes.

        Raises:
            DownloadError: A later attempt, perhaps with a fresh address, may succeed.
            UnexpectedReplyError: The address, or a redirect's, is not one to follow.
            VideoTooLargeError: It is over `max_bytes`.
        """
        part = path.with_name(path.name + ".part")
        try:
            size = await self._follow(url, part, max_bytes)
            part.replace(path)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DownloadError(_describe(error)) from error
        finally:
            part.unlink(missing_ok=True)
        return size

    async def _call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        json: Mapping[str, JsonValue] | None = None,
        data: aiohttp.FormData | None = None,
    ) -> Reply:
        url = self._origin.join(URL(path, encoded=True))
        if not self._is_own_origin(url):
            raise ConfigurationError("a path that leaves the configured origin", code="path")
        try:
            async with self._session.request(
                method,
                url,
                json=json,
                data=data,
                headers={**headers, **self._auth_headers()},
                timeout=CALL_TIMEOUT,
                allow_redirects=False,
            ) as response:
                return await read_reply(response)
        except _NOT_SENT as error:
            raise UnavailableError(_describe(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise InDoubtError(_describe(error)) from error

    async def _follow(self, url: str, part: Path, max_bytes: int) -> int:
        here = self._checked_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            headers = self._auth_headers() if self._is_own_origin(here) else {}
            async with self._session.get(
                here, headers=headers, timeout=TRANSFER_TIMEOUT, allow_redirects=False
            ) as response:
                if response.status in _REDIRECTS:
                    here = self._checked_url(response.headers.get("Location", ""), relative_to=here)
                    continue
                if response.status != 200:  # noqa: PLR2004 - a whole body, not a part of it
                    raise DownloadError("no video there", http_status=response.status)
                if (response.content_length or 0) > max_bytes:
                    raise VideoTooLargeError(f"{response.content_length} bytes")
                return await _save(response.content.iter_chunked(_CHUNK_BYTES), part, max_bytes)
        raise DownloadError("too many redirects")

    def _checked_url(self, url: str, *, relative_to: URL | None = None) -> URL:
        """Check an address that came from outside: https, or http where the base itself is.

        One that is written out properly is taken to the letter: it may carry a signature.
        """
        try:
            target = URL(url, encoded=_sendable(url))
            target = relative_to.join(target) if relative_to else target
            # Asked for here, because what was taken to the letter is looked at only now.
            host = target.host
        except ValueError as error:
            raise UnexpectedReplyError("the provider gave an address that is none") from error
        if not host or target.scheme not in {"https", self._origin.scheme}:
            raise UnexpectedReplyError(f"refused an address of scheme {target.scheme!r}")
        return target

    def may_follow(self, url: str) -> bool:
        """Whether an address is one to go to: https, or http where the base itself is."""
        try:
            self._checked_url(url)
        except UnexpectedReplyError:
            return False
        return True

    def path_on_origin(self, url: str) -> str | None:
        """Return path and query of an address on the configured origin, `None` for any other."""
        try:
            target = self._origin.join(URL(url, encoded=True))
            return target.raw_path_qs if _sendable(url) and self._is_own_origin(target) else None
        except ValueError:
            return None

    def _is_own_origin(self, url: URL) -> bool:
        home = self._origin
        same = (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port)
        # Credentials in an address would go along with ours, or instead of them.
        return same and url.user is None and url.password is None

    def _auth_headers(self) -> dict[str, str]:
        return {name: secret.get_secret_value() for name, secret in self._auth.items()}


def _sendable(url: str) -> bool:
    """Whether an address is written out properly, and can be sent as it is."""
    return url.isascii() and url.isprintable() and " " not in url


def _checked(key: str) -> str:
    if not 1 <= len(key) <= MAX_KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
        raise ConfigurationError("an idempotency key that cannot be sent", code="idempotency")
    return key


async def _save(chunks: AsyncIterator[bytes], part: Path, max_bytes: int) -> int:
    size = 0
    with await asyncio.to_thread(part.open, "wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise VideoTooLargeError(f"over {max_bytes} bytes")
            await asyncio.to_thread(file.write, chunk)
    return size


def _describe(error: BaseException) -> str:
    """Name a connection failure without its URL, which may carry a signature."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{type(error).__name__}: {error.os_error.strerror or error.os_error}"
    return type(error).__name__
