"""Comfy's proxy to Pika (https://api.comfy.org/proxy/pika), model Pika 2.2: multipart forms.

Sources: the published OpenAPI document of the proxy and ComfyUI's own client code; see
`pika/WIRE.md`. Whether it replays idempotency keys is not established, so a key is sent and
never relied upon.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from uuid import uuid4

from pydantic import SecretStr

from pika import errors
from pika.models import Cancellation, Done, Failed, Order, Pending, Status, Ticket
from pika.money import MICRO_USD_PER_USD
from pika.provider import Account, Capabilities
from pika.providers import pika22, proxy_forms
from pika.providers.queue import first_detail
from pika.transport import Transport

if TYPE_CHECKING:
    import aiohttp

    from pika.inputs import Work
    from pika.reply import Reply

log = logging.getLogger(__name__)

DEFAULT_BASE: Final = "https://api.comfy.org"
_GENERATE: Final = "/proxy/pika/generate/"
_VIDEOS: Final = "/proxy/pika/videos/"
_API_KEY_PREFIX: Final = "comfyui-"
_CREDITS_PER_USD: Final = 211
_TOO_MANY_CREDITS: Final = 1e6
"""So many for one video are no bill."""

_BY_STATUS: Final[dict[int, type[errors.PikaError]]] = {
    400: errors.BadInputError,
    401: errors.BadKeyError,
    402: errors.NoCreditError,
    403: errors.BadKeyError,
    404: errors.UnknownJobError,
    409: errors.KeyReusedError,
    413: errors.BadPictureError,
    415: errors.BadPictureError,
    422: errors.BadInputError,
    429: errors.RateLimitedError,
    # No 5xx: an order that met one may have been accepted, and keys are not relied upon.
}


class ComfyProxyProvider:
    """Contract of the Pika 2.2 nodes: forms in, `video_id` out, poll, address."""

    NAME: Final = "comfy-proxy"
    MODEL: Final = "Pika 2.2"
    name: str = NAME
    capabilities = Capabilities(tells_moderation=False, needs_bytes=True, works=proxy_forms.WORKS)

    def __init__(self, session: aiohttp.ClientSession, account: Account) -> None:
        base = DEFAULT_BASE if account.base is None else account.base
        self.transport = Transport(session, base, _auth(account.key))

    def price(self, work: Work) -> int:
        """The price badge of the former ComfyUI node, in micro-USD."""
        proxy_forms.require(work)
        return pika22.price(work)

    async def verify(self) -> None:
        """Ask for a video that cannot exist: a bad key is refused."""
        reply = await self.transport.call("GET", f"{_VIDEOS}{uuid4()}")
        # 422 if ids have another form by now; a refused key is 401 or 403.
        if reply.is_page or reply.status not in {404, 422}:
            raise _error(reply, errors.UnavailableError)

    async def prepare(self, work: Work) -> Order:
        """Write out the form; its files travel with the paid request itself."""
        proxy_forms.require(work)
        path, encoding, body, files = proxy_forms.form(work)
        return Order(
            provider=self.name, path=_GENERATE + path, body=body, encoding=encoding, files=files
        )

    async def submit(self, order: Order, key: str) -> Ticket:
        """POST the form once.

        Raises:
            InDoubtError: Also for an order from storage, whose files were not stored: it was
                sent before, and this wire does not replay keys.
        """
        if order.encoding == "multipart" and not order.files:
            raise errors.InDoubtError("its files were not stored")
        reply = await self.transport.send_order(order, key)
        if not reply.ok:
            raise _error(reply, errors.InDoubtError)
        return reply.ticket(self.name, reply.fields.get("video_id"), _charge(reply))

    async def check(self, ticket: Ticket) -> Status:
        """Ask for the video. `failed` and `cancelled` are not in the contract, but occur."""
        reply = await self.transport.call("GET", _VIDEOS + quote(ticket.id, safe=""))
        if not reply.ok:
            raise _error(reply, errors.UnavailableError)
        match reply.fields.get("status"):
            case "finished":
                charge = _charge(reply) or ticket.charge_micro_usd
                if isinstance(url := reply.fields.get("url"), str) and url:
                    return Done(url, charge)
                return Failed(reply.error(errors.NoVideoError), charge)
            case "failed":
                return Failed(reply.error(errors.RenderError))
            case "cancelled":
                return Failed(reply.error(errors.CancelledError))
            case "queued" | "started" as status:
                return Pending(started=status == "started", retry_after=reply.retry_after)
            case str(unknown):
                log.warning("job %s has the undocumented status %r", ticket.id, unknown)
                return Pending(started=True, retry_after=reply.retry_after)
            case _:
                raise reply.error(errors.UnexpectedReplyError)

    async def cancel(self, ticket: Ticket) -> Cancellation:
        """Answer `IMPOSSIBLE`: the contract has no cancel."""
        log.info("job %s cannot be cancelled", ticket.id)
        return Cancellation.IMPOSSIBLE


def _auth(key: SecretStr) -> dict[str, SecretStr]:
    """The header for an API key, or for a login's token, which both are accepted."""
    secret = key.get_secret_value()
    if secret.startswith(_API_KEY_PREFIX):
        return {"X-API-Key": key}
    return {"Authorization": SecretStr(f"Bearer {secret}")}


def _charge(reply: Reply) -> int | None:
    """The bill in micro-USD, from the credits that the answer says were used, or `None`."""
    told = reply.headers.get("X-Comfy-Credits-Used", "")
    try:
        credits_used = float(told)
    except ValueError:
        return None
    # Not turned around: every comparison with NaN, which `float` reads too, is false.
    if not 0 <= credits_used < _TOO_MANY_CREDITS:
        return None
    return round(credits_used / _CREDITS_PER_USD * MICRO_USD_PER_USD)


def _error(reply: Reply, otherwise: type[errors.PikaError]) -> errors.PikaError:
    code, text = first_detail(reply.fields, lambda _: False)
    told = reply.headers.get("X-Comfy-Error-Type") or code
    kind = reply.kind_by_status(_BY_STATUS, otherwise)
    if told == "idempotency_in_flight":
        # The first request under this key is still being answered: its outcome is not known.
        kind = errors.InDoubtError
    return reply.error(kind, text, told)
