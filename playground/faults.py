"""How a stand-in misbehaves on request, and how it remembers what passed over its wire."""

import asyncio
import contextlib
import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""An aiohttp handler; under a fault it must return an unprepared `web.Response` or raise."""

Kind: TypeAlias = Literal[
    "delay", "hold", "reply", "hang", "drop_before", "drop_after", "reply_after", "half_body"
]
"""What goes wrong; `Fault` says what each does."""

MASKED_HEADERS: Final = frozenset({"authorization", "x-api-key"})
"""Headers (lower case) whose values an `Exchange` never keeps."""

JSON_KEPT_BYTES: Final = 256 * 1024
"""JSON bodies up to this size are kept in an `Exchange`; of larger ones only the size."""

_HANG_LOOK_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an operation goes wrong.

    Kinds: `delay` performs after `seconds`; `hold` performs after `Faults.release`; `reply`
    answers with `status`, `headers` and `body` and performs nothing; `hang` performs nothing and
    answers nothing until the client goes away; `drop_before` closes the connection without
    performing; `drop_after` performs, then closes it without an answer; `reply_after` performs,
    then answers as `reply` does, as a gateway that gave up waiting; `half_body` performs, then
    promises the whole body and sends half.

    `seconds` is waited before any of them. A `body` of bytes is sent as it is (give it a
    Content-Type in `headers`), anything else as JSON. `times` is how many requests suffer,
    None for all of them.
    """

    operation: str
    kind: Kind
    times: int | None = 1
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError for a count below one or a negative wait."""
        if self.times is not None and self.times < 1:
            raise ValueError(f"times must be at least 1, not {self.times}")
        if self.seconds < 0:
            raise ValueError(f"seconds must not be negative, not {self.seconds}")


class Faults:
    """The faults that wait for their requests, first added first taken; for one event loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, int | None]] = []
        self._taken: Counter[str] = Counter()
        self._take_seen = asyncio.Event()
        self._released: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def add(self, fault: Fault) -> None:
        """Let the fault befall the next requests of its operation, after those added before."""
        self._waiting.append((fault, fault.times))

    def clear(self, operation: str | None = None) -> None:
        """Forget the waiting faults of one operation, or all; those at work run to their end."""
        self._waiting = [
            (fault, left)
            for fault, left in self._waiting
            if operation is not None and fault.operation != operation
        ]

    def take(self, operation: str) -> Fault | None:
        """The fault that befalls this request, counted as used; None when all goes well."""
        for index, (fault, left) in enumerate(self._waiting):
            if fault.operation == operation:
                self._use(index, fault, left)
                return fault
        return None

    async def wait_taken(self, operation: str, times: int = 1) -> None:
        """Return once faults have befallen this operation so often since the stand-in began."""
        while self._taken[operation] < times:
            self._take_seen.clear()
            await self._take_seen.wait()

    def release(self, operation: str) -> None:
        """Perform what `hold` holds up of this operation, and let what it still waits for pass."""
        self._waiting = [
            (fault, left)
            for fault, left in self._waiting
            if (fault.operation, fault.kind) != (operation, "hold")
        ]
        self._released.pop(operation, asyncio.Event()).set()

    def next_release(self, operation: str) -> asyncio.Event:
        """The event that the next `release` of this operation sets."""
        return self._released[operation]

    def _use(self, index: int, fault: Fault, left: int | None) -> None:
        if left == 1:
            del self._waiting[index]
        elif left is not None:
            self._waiting[index] = (fault, left - 1)
        self._taken[fault.operation] += 1
        self._take_seen.set()


class Unanswered(web.Response):
    """What a handler returns once its connection is closed: nobody gets it, nothing is sent."""


async def with_faults(
    faults: Faults, operation: str, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Call the handler, or misbehave as the next fault of this operation says.

    Raises what the handler raises, and TypeError when half of an answer is wanted whose body
    the handler streams itself.
    """
    fault = faults.take(operation)
    # Before anything is awaited: whoever has seen the request taken may release it at once.
    released = faults.next_release(operation)
    if fault is None:
        return await handler(request)
    await asyncio.sleep(fault.seconds)
    if fault.kind == "hold":
        await released.wait()
    return await _misbehave(fault, request, handler)


async def _misbehave(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    match fault.kind:
        case "delay" | "hold":
            return await handler(request)
        case "reply":
            return _reply(fault)
        case "hang":
            return await _hang(request)
        case "drop_before":
            return _drop(request)
        case "drop_after" | "reply_after":
            await _perform(request, handler)
            return _drop(request) if fault.kind == "drop_after" else _reply(fault)
        case "half_body":
            return await _send_half(request, await _perform(request, handler))


def _reply(fault: Fault) -> web.Response:
    if isinstance(fault.body, bytes):
        return web.Response(status=fault.status, headers=fault.headers, body=fault.body)
    if fault.body is None:
        return web.Response(status=fault.status, headers=fault.headers)
    return web.json_response(fault.body, status=fault.status, headers=fault.headers)


async def _hang(request: web.Request) -> web.Response:
    # aiohttp has no event for a lost connection, only a switch that cancels all handlers alike.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(_HANG_LOOK_SECONDS)
    return Unanswered()


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return Unanswered()


async def _perform(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as answer:
        return answer


async def _send_half(request: web.Request, whole: web.StreamResponse) -> web.Response:
    if not isinstance(whole, web.Response) or not isinstance(whole.body, bytes | bytearray):
        raise TypeError(f"only a response with its body in memory can be halved, not {whole!r}")
    half = web.StreamResponse(status=whole.status, headers=whole.headers)
    half.content_length = len(whole.body)
    with contextlib.suppress(ConnectionResetError):  # the client has gone meanwhile
        await half.prepare(request)
        await half.write(whole.body[: len(whole.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return Unanswered()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; secrets masked, big bodies reduced to their size in bytes.

    `status` is None and the response is empty where the client got no (whole) answer; `at` is
    the Unix time of the request in seconds, and `seconds` how long its answer took.
    """

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    request_headers: Mapping[str, str]
    request_json: object
    request_bytes: int
    status: int | None
    response_headers: Mapping[str, str]
    response_json: object
    response_bytes: int
    at: float
    seconds: float


async def with_record(
    exchanges: deque[Exchange], operation: str, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Call the handler and append what passed, in order of ending, raised `HTTPException`s too."""
    at = time.time()
    sent = await request.read() if request.content_type == "application/json" else b""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        exchanges.append(_exchange(operation, request, sent, answer, at))
        raise
    exchanges.append(_exchange(operation, request, sent, response, at))
    return response


def _exchange(
    operation: str, request: web.Request, sent: bytes, response: web.StreamResponse, at: float
) -> Exchange:
    got = b""
    if isinstance(response, web.Response) and isinstance(response.body, bytes | bytearray):
        got = bytes(response.body)
    answered = not isinstance(response, Unanswered)
    return Exchange(
        operation=operation,
        method=request.method,
        path=request.path,
        query=dict(request.query),
        request_headers=_masked(request.headers),
        request_json=_kept_json(request.content_type, sent),
        request_bytes=request.content.total_bytes,
        status=response.status if answered else None,
        response_headers=_masked(response.headers) if answered else {},
        response_json=_kept_json(response.content_type, got),
        response_bytes=len(got),
        at=at,
        seconds=time.time() - at,
    )


def _masked(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "***" if name.lower() in MASKED_HEADERS else value for name, value in headers.items()
    }


def _kept_json(content_type: str, body: bytes) -> object:
    if content_type != "application/json" or not body or len(body) > JSON_KEPT_BYTES:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None
