"""HTTP for every provider: where the key may go, what is repeated, how much is read."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from typing import TYPE_CHECKING, Final

import aiohttp
from pydantic import SecretStr
from yarl import URL

from pika import errors
from pika.forms import form_of
from pika.reply import read_reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from pika.models import Order
    from pika.reply import Reply

log = logging.getLogger(__name__)

# `total` is there too, because a server that sends a byte now and then never runs into `sock_read`.
CALL_TIMEOUT: Final = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=45)
TRANSFER_TIMEOUT: Final = aiohttp.ClientTimeout(total=600, sock_connect=10, sock_read=30)
MAX_REDIRECTS: Final = 5
MAX_KEY_CHARACTERS: Final = 200
SAFE_TRIES: Final = 3
"""How often a call that costs nothing is made before its failure is told."""
SAFE_PAUSE: Final = 0.5
"""Seconds before the first repetition of a safe call; doubled for each further one."""
_CHUNK_BYTES: Final = 1_048_576
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_BASE: Final = re.compile(r"https?://[^\s/?#@\\]+/?", re.IGNORECASE)
# Failures before the first byte left: the one case in which a paid request may be repeated blindly.
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
        raise errors.ConfigurationError("http(s)://host[:port]", code=setting) from error
    # `origin()` drops a path, a query and credentials in silence: calls would miss what was meant.
    if not _BASE.fullmatch(base):
        raise errors.ConfigurationError(
            "http(s)://host[:port] without path, query or credentials", code=setting
        )
    return origin.with_port(None) if origin.is_default_port() else origin


_SHORTEST_KEY: Final = 16


class Transport:
    """Requests to one origin of a provider. The key goes to that origin and nowhere else.

    The session is borrowed and never closed here; `auth` are the headers that carry the key, and
    `setting` names the account's setting that `base` is, which errors carry as their code.
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
        # Without what stands before a key in its header, as in `Key …`. Short ones are left alone:
        # in an answer they may be anything.
        keys = (it.get_secret_value().rpartition(" ")[2] for it in auth.values())
        self._secrets = [SecretStr(it) for it in keys if len(it) >= _SHORTEST_KEY]

    async def send_order(self, order: Order, key: str | None = None) -> Reply:
        """POST an order once, with the account's key.

        Nothing here repeats it: only a caller knows whether the wire replays idempotency keys.
        `key` is such a key, of 1 to 200 printable ASCII characters, or `None` on a wire without.

        Raises:
            ConfigurationError: The idempotency key cannot be sent.
            UnavailableError: The order never left this machine.
            InDoubtError: The order left, and no whole answer came back.
        """
        headers = {} if key is None else {"Idempotency-Key": _checked(key)}
        json, data = (order.body, None) if order.encoding == "json" else (None, form_of(order))
        try:
            return await self._request("POST", order.path, headers, json=json, data=data)
        except errors.UnexpectedReplyError as error:
            # An answer too large to read was an answer all the same: a job may be behind it.
            raise errors.InDoubtError(error.detail, http_status=error.http_status) from error

    async def call(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None = None
    ) -> Reply:
        """Make a call that costs nothing and may be repeated, with the account's key.

        `path` may be a whole address on the configured origin. A call without an answer is made
        three times in all; an answer of any status ends it.

        Raises:
            UnavailableError: No answer was read.
            UnexpectedReplyError: The answer was over 1 MiB.
        """
        for attempt in range(SAFE_TRIES - 1):
            try:
                return await self._request(method, path, {}, json=body)
            except (errors.UnavailableError, errors.InDoubtError) as error:
                log.info("%s %s failed, trying again: %s", method, path, error)
                await asyncio.sleep(SAFE_PAUSE * 2**attempt)
        try:
            return await self._request(method, path, {}, json=body)
        except errors.InDoubtError as error:
            # A lost answer leaves nothing in doubt where nothing is paid.
            raise errors.UnavailableError(error.detail) from error

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        """PUT bytes to an address that the provider handed out, without the key.

        Raises:
            BadPictureError: The bytes are refused for their size or type.
            UnavailableError: The bytes were not taken, or no answer came back.
            UnexpectedReplyError: The address or the headers must not or cannot be sent.
        """
        try:
            async with self._session.put(
                self._checked_url(url),
                # As a stream, because aiohttp warns that large raw bytes may block the event loop.
                data=io.BytesIO(data),
                headers=headers,
                # A signature covers the headers that were told, and no other.
                skip_auto_headers={"Content-Type"},
                timeout=TRANSFER_TIMEOUT,
                allow_redirects=False,
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise errors.UnavailableError(_describe(error)) from error
        except ValueError as error:
            raise errors.UnexpectedReplyError("upload headers that cannot be sent") from error
        if status in {413, 415}:
            raise errors.BadPictureError("the upload was refused", http_status=status)
        if not 200 <= status < 300:  # noqa: PLR2004 - the class of HTTP success
            raise errors.UnavailableError("the upload failed", http_status=status)

    async def download(self, url: str, path: Path, max_bytes: int) -> int:
        """Stream a video to `path`, which exists only once it is complete.

        Redirects are followed by hand, because aiohttp would send an `X-API-Key` along to
        any origin; here a key goes only to the provider's own.

        Returns:
            The size in bytes.

        Raises:
            DownloadError: A later attempt, perhaps with a fresh address, may succeed.
            UnexpectedReplyError: The address, or a redirect's, is none that may be followed.
            VideoTooLargeError: The video is over `max_bytes`.
            OSError: The video could not be written.
        """
        part = path.with_name(path.name + ".part")
        try:
            size = await self._follow(url, part, max_bytes)
            # Only now, so that a file under this name is always a whole video.
            part.replace(path)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise errors.DownloadError(_describe(error)) from error
        finally:
            # Also after a cancellation: half a video under this name serves nobody.
            part.unlink(missing_ok=True)
        return size

    async def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        json: Mapping[str, JsonValue] | None = None,
        data: aiohttp.FormData | None = None,
    ) -> Reply:
        url = self._origin.join(URL(path, encoded=True))
        # A stored path may be `//elsewhere` or a whole address, and the key goes along.
        if not self._is_own_origin(url):
            raise errors.ConfigurationError("a path that leaves the configured origin", code="path")
        try:
            async with self._session.request(
                method,
                url,
                json=json,
                data=data,
                headers={**headers, **self._auth_headers()},
                timeout=CALL_TIMEOUT,
                # A redirected POST would be sent again, or the key to another origin.
                allow_redirects=False,
            ) as response:
                return await read_reply(response, self._secrets)
        except _NOT_SENT as error:
            raise errors.UnavailableError(_describe(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise errors.InDoubtError(_describe(error)) from error

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
                    raise errors.DownloadError("no video there", http_status=response.status)
                # Before a byte is read; and counted while reading, because it may be absent.
                if (response.content_length or 0) > max_bytes:
                    raise errors.VideoTooLargeError(f"{response.content_length} bytes")
                return await _save(response.content.iter_chunked(_CHUNK_BYTES), part, max_bytes)
        raise errors.DownloadError("too many redirects")

    def _checked_url(self, url: str, *, relative_to: URL | None = None) -> URL:
        """Parse an address from outside; it must be https, or http if the base itself is.

        A properly encoded address is kept to the letter, because a signature may cover it.
        """
        try:
            target = URL(url, encoded=_sendable(url))
            target = relative_to.join(target) if relative_to else target
            # Of an address that is kept to the letter, yarl finds faults only here.
            host = target.host
        except ValueError as error:
            raise errors.UnexpectedReplyError(
                "the provider gave an address that is none"
            ) from error
        if not host or target.scheme not in {"https", self._origin.scheme}:
            raise errors.UnexpectedReplyError(f"refused an address of scheme {target.scheme!r}")
        return target

    def may_follow(self, url: str) -> bool:
        """Whether an address may be followed: https, or http if the base itself is."""
        try:
            self._checked_url(url)
        except errors.UnexpectedReplyError:
            return False
        return True

    def path_on_origin(self, url: str) -> str | None:
        """Path and query of an address on the configured origin; `None` for any other address."""
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
        # Unwrapped only here: until a request leaves, no repr or log can show the key.
        return {name: secret.get_secret_value() for name, secret in self._auth.items()}


def _sendable(url: str) -> bool:
    """Whether an address is properly encoded, and can be sent as it is."""
    return url.isascii() and url.isprintable() and " " not in url


def _checked(key: str) -> str:
    if not 1 <= len(key) <= MAX_KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
        raise errors.ConfigurationError(
            "an idempotency key that cannot be sent", code="idempotency"
        )
    return key


async def _save(chunks: AsyncIterator[bytes], part: Path, max_bytes: int) -> int:
    size = 0
    # A slow disk must not stop the event loop.
    with await asyncio.to_thread(part.open, "wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise errors.VideoTooLargeError(f"over {max_bytes} bytes")
            await asyncio.to_thread(file.write, chunk)
    return size


def _describe(error: BaseException) -> str:
    """Name a connection failure without its URL, which may carry a signature."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{type(error).__name__}: {error.os_error.strerror or error.os_error}"
    return type(error).__name__
