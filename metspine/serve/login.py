"""Coming in and going out, and what each role may open, where the page can be reached from other machines.

A clinician sees the patients of the own browser and writes down what was decided. An editor tries cases and reads rules, and
decides nothing. An auditor reads every decision of the journal, recalls and erases, and enters no patient.
"""

import re
from logging import getLogger
from typing import Annotated, Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from metspine.serve.accounts import LONGEST, NAMED, Accounts, Role, Tries
from metspine.serve.app import COOKIE, Site
from metspine.serve.store import Session

OPEN = re.compile(r"/(login|static/.*)")
MAY: tuple[tuple[re.Pattern[str], tuple[Role, ...]], ...] = (
    (re.compile(r"/(rules.*|logout|api/(rules|schema|openapi).*)"), ("clinician", "editor", "auditor")),
    (re.compile(r"/journal.*"), ("auditor",)),
    (re.compile(r"/case/[^/]+/journal"), ("clinician",)),
    (re.compile(r"/.*"), ("clinician", "editor")),
)
HOME: dict[Role, str] = {"clinician": "/", "editor": "/", "auditor": "/journal"}
log = getLogger(__name__)


def may(role: Role, path: str) -> bool:
    """Tell whether a role may open a path: the first line that fits it decides."""
    return next(role in roles for pattern, roles in MAY if pattern.fullmatch(path))


class Gate:
    """Lets through who has come in and may; no browser is remembered before that."""

    def __init__(self, app: ASGIApp, site: Site, accounts: Accounts) -> None:
        self.app, self.site, self.accounts = app, site, accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._refusal(scope) if scope["type"] == "http" and not OPEN.fullmatch(scope["path"]) else None
        await (answer or self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        session = self.site.store.known(HTTPConnection(scope).cookies.get(COOKIE))
        role = self.accounts.role(session.user) if session is not None else None
        if session is None or role is None:
            return self._told(scope, 401, "Log in first.")
        if not may(role, scope["path"]):
            return self._told(scope, 403, f"This is not for the role {role}.", session)
        session.role = role
        if self.site.store.journal is not None:
            from metspine.journal.store import ACTOR

            ACTOR.set((session.user, role))
        return None

    def _told(self, scope: Scope, status: Literal[401, 403], why: str, session: Session | None = None) -> Response:
        if scope["path"].startswith("/api/"):
            return JSONResponse({"status": status, "title": why}, status, media_type="application/problem+json")
        if status == 401:
            asked_by_script = b"hx-request" in dict(scope["headers"])
            return Response(headers={"hx-redirect": "/login"}) if asked_by_script else RedirectResponse("/login", 303)
        return self.site.page("error.html", status=status, session=session, detail=why)


def login_routes(site: Site, accounts: Accounts) -> APIRouter:
    """Return the page on which one logs in, and the way out."""
    routes = APIRouter(include_in_schema=False)
    tries = Tries()
    Asking = Annotated[Session, Depends(site.session)]  # noqa: N806  # a type

    @routes.get("/login")
    def door() -> Response:
        return site.page("login.html", problem="")

    @routes.post("/login")
    async def come_in(request: Request) -> Response:
        given = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=5, encoding="utf-8")
        name, password = (given.get(key, [""])[0] for key in ("name", "password"))
        address = request.client.host if request.client else ""
        wait = tries.wait(address, name[:NAMED])
        if wait:
            log.warning("too many tries to log in from %s", address)
            response = site.page("login.html", status=429, problem=f"Too many tries; wait {-(-wait // 60)} minutes.")
            response.headers["retry-after"] = str(wait)
            return response
        is_short = len(name) <= NAMED and len(password) <= LONGEST
        if not is_short or not await run_in_threadpool(accounts.fits, name, password):
            log.warning("a login from %s was refused", address)
            return site.page("login.html", status=401, problem="Name or password is not right.")
        tries.forgive(address, name)
        role = accounts.role(name)
        session = site.store.welcome(name)
        home = RedirectResponse(HOME[role] if role else "/login", 303)
        site.remember(home, session)
        return home

    @routes.post("/logout")
    async def go(request: Request, session: Asking) -> Response:
        await site.form(request, session)
        site.store.leave(session)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, path="/")
        return response

    return routes
