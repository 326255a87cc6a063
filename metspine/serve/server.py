"""The server: pages, board and JSON API over one knowledge base, each with its errors."""

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as StarletteError
from starlette.staticfiles import StaticFiles

from engine import Reasoner
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid
from metspine.serve.app import Site, page_routes
from metspine.serve.board import board_routes
from metspine.serve.guard import Guard
from metspine.serve.json_api import api_routes, invalid, problem
from metspine.serve.language import Languages
from metspine.serve.rules import rule_routes
from metspine.serve.store import Store
from metspine.serve.work import Work

if TYPE_CHECKING:
    from metspine.journal.store import Journal
    from metspine.serve.accounts import Accounts


def make_app(
    knowledge: KnowledgeBase,
    hosts: tuple[str, ...] = (),
    journal: "Journal | None" = None,
    accounts: "Accounts | None" = None,
    secure: bool = False,
    workers: int = 1,
) -> FastAPI:
    """Return the server over one knowledge base; `hosts` are names it answers to beside those of this machine.

    With a journal nothing is shown that it does not hold. With accounts nobody comes in but by logging in, and an auditor
    reads the whole journal; `secure` says that browsers come through TLS. With `workers` so many cases are worked out at
    the same time, in processes that `app.state.work.close()` ends.
    """
    work = _work(Reasoner(knowledge), workers)
    site = Site(knowledge, Store(work, journal), secure, accounts is not None)
    app = FastAPI(
        title="metspine",
        version=knowledge.framework.version,
        description="Explained decision support for metastatic spinal tumours. It advises a team; it decides nothing.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.knowledge = knowledge
    app.state.work = work
    if accounts is not None:
        from metspine.serve.login import Gate, login_routes

        app.add_middleware(Gate, site=site, accounts=accounts)
        app.include_router(login_routes(site, accounts))
    app.add_middleware(Languages)
    app.add_middleware(Guard, hosts=hosts, secure=secure)
    app.include_router(rule_routes(site))
    app.include_router(page_routes(site))
    app.include_router(board_routes(site))
    app.include_router(api_routes(knowledge, work, journal))
    if journal is not None:
        from metspine.serve.journal import journal_routes

        app.include_router(journal_routes(site, journal))
    if journal is not None and accounts is not None:
        from metspine.serve.audit import audit_routes

        app.include_router(audit_routes(site, journal))
    app.mount("/static", StaticFiles(packages=[("metspine.serve", "static")]), name="static")

    @app.exception_handler(RequestValidationError)
    async def misshapen(request: Request, error: RequestValidationError) -> Response:
        return invalid(error)

    @app.exception_handler(Invalid)
    async def unwritten(request: Request, error: Invalid) -> Response:
        """Answer when the journal cannot be written or read: nothing else is invalid by the time that pages are made."""
        if request.url.path.startswith("/api/"):
            return problem(503, str(error))
        return site.page("error.html", status=503, code=503, detail=str(error))

    @app.exception_handler(StarletteError)
    async def refused(request: Request, error: StarletteError) -> Response:
        if request.url.path.startswith("/api/"):
            return problem(error.status_code, str(error.detail), getattr(error, "problems", None), error.headers)
        return site.page("error.html", status=error.status_code, code=error.status_code, detail=error.detail)

    return app


def _work(reasoner: Reasoner, workers: int) -> Work:
    """Return what works advice out; processes are not known everywhere, so that they are imported where they are wanted."""
    if workers == 1:
        return Work(reasoner)
    from metspine.serve.workers import Workers

    return Workers(reasoner, workers)
