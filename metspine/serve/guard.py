"""What stands between the network and the pages: whose request it is, how large it may be, and what a browser may do.

The server answers to its own names only: a request that names another host is refused, so that no page from elsewhere
can reach it by a name of its own. A form must come from a page of ours.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1_000_000  # bytes
LARGEST_READ = 8_000_000  # of a body that is refused: who sends it hears why only once all of it is sent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
STRICT: Mapping[str, str] = {"strict-transport-security": "max-age=31536000"}  # through TLS from now on
SAME = ("same-origin", "none")


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is that of this machine to itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Lets requests through that are for this machine, of our own pages where they send something, and not too large."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...] = (), secure: bool = False) -> None:
        self.app = app
        self.hosts = hosts
        self.headers = {**HEADERS, **(STRICT if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send, self.headers))
            return
        body = await _whole_body(receive)
        if body is None:
            large = PlainTextResponse(f"The request is larger than {LARGEST_BODY} bytes; send less.\n", 413)
            await large(scope, receive, _with_headers(send, self.headers))
            return
        await self.app(scope, _again(body, receive), _with_headers(send, self.headers))

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        if not is_loopback(host) and host not in self.hosts:
            return PlainTextResponse("This server does not answer to this name.\n", 421)
        if method not in ("GET", "HEAD", "OPTIONS"):
            site, origin = headers.get("sec-fetch-site"), headers.get("origin")
            elsewhere = origin not in (None, "null") and str(origin).partition("://")[2] != headers.get("host")
            if elsewhere or (site is not None and site not in SAME):
                return PlainTextResponse("The request comes from another site; nothing was done.\n", 403)
        if headers.get("content-length", "0").isdecimal() and int(headers.get("content-length", "0")) > LARGEST_READ:
            return PlainTextResponse(f"The request is larger than {LARGEST_BODY} bytes; send less.\n", 413)
        return None


async def _whole_body(receive: Receive) -> bytes | None:
    """Return the body of a request; None when it is too large, which is then read and not kept."""
    found, size, is_over = bytearray(), 0, False
    while not is_over and size <= LARGEST_READ:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= LARGEST_BODY:
            found += part
        is_over = message["type"] != "http.request" or not message.get("more_body", False)
    return bytes(found) if size <= LARGEST_BODY else None


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read already, and then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_headers(send: Send, more: Mapping[str, str]) -> Send:
    """Return a `send` that puts the headers of this server on every answer that has none of its own."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in more.items():
                headers.setdefault(name, value)
            fields: Any = headers.raw
            message = {**message, "headers": fields}
        await send(message)

    return sending
