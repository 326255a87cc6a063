"""The page without a server: in a browser, a request is a call of the same app, and nothing is sent anywhere.

Python runs there in a worker of the page (Pyodide) and in one thread, so that what the app would give to another thread is
done at once.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from starlette.datastructures import MutableHeaders
from starlette.types import Message

from explain.drawing.rendering import draw_with
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.cache import load_parsed
from metspine.serve.server import make_app

HERE = "127.0.0.1"
SEE_OTHER = 303


class Answered(NamedTuple):
    """What the app answers, and at which address in the end."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    at: str


class Door:
    """The app over one knowledge base, for one browser."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.app = make_app(knowledge)
        self.cookie = ""

    async def ask(
        self, method: str, target: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Answered:
        """Return the answer to a request for a path with its query; one that is to be found elsewhere is followed."""
        answer = await self._once(method, target, headers, body)
        while answer.status == SEE_OTHER:
            answer = await self._once("GET", dict(answer.headers)["location"], (), b"")
        return answer

    async def _once(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answered:
        path, _, query = target.partition("#")[0].partition("?")
        sent = MutableHeaders(raw=[])
        for name, value in (*headers, ("host", HERE), ("cookie", self.cookie)):
            sent.append(name, value)
        scope = {
            "type": "http", "http_version": "1.1", "scheme": "http", "server": (HERE, 80), "root_path": "",
            "method": method, "path": path, "query_string": query.encode(), "headers": sent.raw,
        }  # fmt: skip
        status, found, content = 500, MutableHeaders(raw=[]), bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, found
            if message["type"] == "http.response.start":
                status, found = message["status"], MutableHeaders(raw=list(message["headers"]))
            else:
                content.extend(message.get("body", b""))

        await self.app(scope, receive, send)
        self.cookie = found.get("set-cookie", self.cookie).partition(";")[0]
        return Answered(status, found.items(), bytes(content), target)


def start(knowledge: str, draw: Callable[[str], str]) -> Door:
    """Return the app over the knowledge in a file that `parsed` wrote; `draw` makes SVG of DOT text."""
    import anyio.to_thread

    async def at_once(call: Callable[..., Any], *given: Any, **_: Any) -> Any:
        return call(*given)

    anyio.to_thread.run_sync = at_once  # type: ignore[assignment]  # it takes limits, which one thread has no use for
    draw_with(draw)
    return Door(load_parsed(Path(knowledge).read_bytes()))
