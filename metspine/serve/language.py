"""The language of the page's own words; what is clinical stays as the knowledge base has it, and the page says so.

English stands in the templates and is complete. Every other language is a file of `words/`, from English words to its own;
what a file leaves out is English. The browser's wish decides, or `?lang=de`, which holds until another is chosen.
"""

import json
import re
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

ENGLISH = "en"
_WISH = re.compile(r"\s*([A-Za-z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q=([\d.]+))?\s*")


class Wished(NamedTuple):
    """What a request says of the language: what was chosen in its address, and what its browser prefers."""

    chosen: str = ""
    preferred: str = ENGLISH


WISHED: ContextVar[Wished] = ContextVar("wished", default=Wished())  # noqa: B039  # a tuple does not change


class Languages:
    """Notes for each request which language is wished."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
            wish = Headers(scope=scope).get("accept-language", "")
            WISHED.set(Wished(asked if asked in languages() else "", preferred(wish)))
        await self.app(scope, receive, send)


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the languages that the page has, English first."""
    folder = files("metspine.serve") / "words"
    return (
        ENGLISH,
        *sorted(file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json")),
    )


@lru_cache(maxsize=8)
def words_of(language: str) -> dict[str, str]:
    """Return the words of a language by the English ones."""
    if language == ENGLISH:
        return {}
    words: dict[str, str] = json.loads((files("metspine.serve") / "words" / f"{language}.json").read_text("utf-8"))
    return words


def preferred(wish: str) -> str:
    """Return the language that is wished most of those there are, by an `Accept-Language` (RFC 9110)."""
    found: list[tuple[float, str]] = []
    for part in wish[:200].split(","):
        match = _WISH.fullmatch(part)
        if match is not None and match[1].lower() in languages():
            found.append((-float(match[2].strip(".") or 0) if match[2] else -1.0, match[1].lower()))
    best = min(found, key=lambda one: one[0], default=(0.0, ENGLISH))
    return best[1] if best[0] < 0 else ENGLISH
