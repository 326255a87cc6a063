"""The pages and their addresses. Each is a whole page; a script that asks for a part of one gets the part alone."""

import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cases.hearing.letters import terms_in
from engine.versions import python_that_runs
from explain.drawing.chain_words import sentences
from explain.drawing.chart import chains_alone
from explain.drawing.exchange import EXCHANGE, exchanged
from explain.render.html.picture import picture
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.api import Answer, Explanation
from metspine.results import Told, Unknown
from metspine.serve.form import FormState, Refused, acted, form_name, state_of
from metspine.serve.language import ENGLISH, WISHED, words_of
from metspine.serve.pages import FieldRow, Form, Screen, place_on_board
from metspine.serve.store import Session, Store, Worked

COOKIE = "metspine"
HTMX = (
    '{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"selfRequestsOnly":true,'
    '"scrollIntoViewOnBoost":false,"timeout":60000}'
)
MANY_FIELDS = 2000
OWN_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"')


class Site:
    """What the pages share: the knowledge, what is remembered, and the templates."""

    def __init__(self, knowledge: KnowledgeBase, store: Store, secure: bool = False, guarded: bool = False) -> None:
        self.knowledge = knowledge
        self.store = store
        self.secure = secure  # whether browsers come through TLS
        self.guarded = guarded  # whether one has to log in

    def page(
        self, template: str, status: int = 200, session: Session | None = None, fragment: bool = False, **values: Any
    ) -> HTMLResponse:
        """Return a page (or, as a fragment, its main part), with the cookie of the browser."""
        shared = {"knowledge": self.knowledge, "session": session, "fragment": fragment, "code": status}
        shared |= {"has_journal": self.store.journal is not None, "guarded": self.guarded}
        chosen, wished = WISHED.get()
        if session is not None and chosen:
            session.language = chosen
        language = chosen or (session.language if session else "") or wished
        response = HTMLResponse(_environment(language).get_template(template).render({**shared, **values}), status)
        if session is not None:
            self.remember(response, session)
        return response

    def remember(self, response: Response, session: Session) -> None:
        """Let a browser say from now on which one it is."""
        response.set_cookie(COOKIE, session.id, httponly=True, samesite="strict", path="/", secure=self.secure)

    def session(self, request: Request) -> Session:
        """Return the browser that asks."""
        return self.store.session(request.cookies.get(COOKIE))

    def worked(self, session: Session, name: str) -> Worked:
        """Return a state of a browser; raise 404 where it is not there any more."""
        if name not in session.states:
            raise HTTPException(
                404, "This page is no longer in memory, or belongs to another browser; start a new case."
            )
        return session.states[name]

    async def form(self, request: Request, session: Session) -> list[tuple[str, str]]:
        """Return the fields of a form that one of our pages sent; raise 403 for any other."""
        async with request.form(max_files=1, max_fields=MANY_FIELDS) as form:
            pairs = [(key, value if isinstance(value, str) else (await value.read()).decode("utf-8-sig", "replace"))
                     for key, value in form.multi_items()]  # fmt: skip
        if ("token", session.token) not in pairs:
            raise HTTPException(403, "The form is not from this page, or the page is too old; open it again.")
        return [(key, value) for key, value in pairs if key != "token"]


def is_fragment(request: Request) -> bool:
    """Tell whether a script asks, which wants the part that changes and no whole page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def page_routes(site: Site) -> APIRouter:
    """Return the pages of a case, of its explanations and of runs."""
    routes = APIRouter(include_in_schema=False)
    knowledge, store = site.knowledge, site.store
    Asking = Annotated[Session, Depends(site.session)]  # noqa: N806  # a type

    @routes.get("/")
    def fresh(session: Asking) -> Response:
        return _case(site, session, store.put(session, FormState()))

    @routes.get("/case/{name}")
    def case(name: str, session: Asking) -> Response:
        return _case(site, session, site.worked(session, name))

    @routes.post("/case")
    async def changed(request: Request, session: Asking) -> Response:
        from starlette.concurrency import run_in_threadpool

        pairs = await site.form(request, session)
        values = dict(pairs)
        act, before = values.get("act", ""), session.states.get(values.get("from", ""))
        try:
            state = state_of(((k, v) for k, v in pairs if k not in ("act", "from")), knowledge)
            worked = store.put(session, acted(state, act, knowledge))
        except Refused as error:
            raise HTTPException(400, f"{error}.") from None
        if before is not None and before.id in session.board and worked.id not in session.board:
            session.board[session.board.index(before.id)] = worked.id
            worked.advised.replaces(before.advised)
        seen = store.follow(session, worked, before)
        if before is not None and is_fragment(request):
            session.superseded.add(before.id)
        session.superseded.discard(worked.id)
        if not is_fragment(request):
            return RedirectResponse(f"/case/{worked.id}", 303)
        if act and not act.startswith("set:"):
            return Response(headers={"HX-Redirect": f"/case/{worked.id}{_place(act, worked)}"})
        return await run_in_threadpool(_answer, site, session, worked, before, seen)

    @routes.get("/case/{name}/plan")
    def plan(name: str, session: Asking, before: str = "") -> Response:
        worked = site.worked(session, name)
        with store.planning:  # as many as there are workers, and none for a state that the page has left behind
            if name in session.superseded:
                return Response(status_code=204)
            worked.advised.plan()
        screen = Screen(worked, knowledge, session.states.get(before))
        return site.page(
            "plan.html", session=session, worked=worked, screen=screen, pictures=_pictures(worked, knowledge)
        )

    @routes.get("/case/{name}/report")
    def report(name: str, session: Asking) -> Response:
        advised = site.worked(session, name).advised
        page = advised.answer.html()
        advised.noted("shown", "html", page.encode())
        return _own_page(page)

    @routes.get("/case/{name}/text")
    def text(name: str, session: Asking) -> Response:
        advised = site.worked(session, name).advised
        text = advised.answer.text()
        advised.noted("shown", "text", text.encode())
        return Response(text, media_type="text/plain; charset=utf-8")

    @routes.get("/case/{name}/file")
    def file(name: str, session: Asking) -> Response:
        from cases.writing import case_text

        worked = site.worked(session, name)
        head = {"content-disposition": f'attachment; filename="{worked.reading.case.id}.yaml"'}
        written = case_text(worked.reading.case, knowledge)
        return Response(written, media_type="application/yaml; charset=utf-8", headers=head)

    @routes.get("/case/{name}/run")
    def run(name: str, session: Asking) -> Response:
        return RedirectResponse(f"/runs/{store.keep(session, site.worked(session, name))}", 303)

    @routes.get("/case/{name}/{asked}/{lesion}/{target:path}")
    def ask(request: Request, name: str, asked: str, lesion: str, target: str, session: Asking) -> Response:
        worked = site.worked(session, name)
        explained = Explanation(worked.advised.run)
        questions: dict[str, Callable[[], Told[Any]]] = {
            "why": lambda: explained.why(target, None if lesion == "patient" else lesion),
            "why-not": lambda: explained.why_not(target, None if lesion == "patient" else lesion),
            "change": lambda: explained.change(target or None, lesion),
        }
        if asked not in questions:
            raise HTTPException(404, "There is no such page.")
        try:
            with store.reasoning:
                answer = questions[asked]()
        except Unknown as error:
            raise HTTPException(404, str(error)) from None
        link = Screen(worked, knowledge, None).rule_link
        short, whole = (answer.html(everything, rule_link=link) for everything in (False, True))
        return site.page("asked.html", session=session, fragment=is_fragment(request), worked=worked,
                         title=answer.title, short=short, whole=whole)  # fmt: skip

    @routes.get("/runs/{name}")
    def stored(name: str, session: Asking) -> Response:
        found, _, ending = name.partition(".")
        if found not in session.digests or session.digests[found] not in session.states:
            raise HTTPException(
                404, "No run with this digest is in memory; `metspine replay` repeats one that was stored."
            )
        advised = session.states[session.digests[found]].advised
        if ending in ("", "html"):
            page = advised.answer.html()
            advised.noted("shown", "html", page.encode())
            return _own_page(page)
        media = {"json": "application/json", "svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf",
                 "dot": "text/vnd.graphviz", **dict.fromkeys(EXCHANGE, "application/octet-stream")}  # fmt: skip
        if ending in media:
            try:
                content = _run_as(advised.answer, ending)
            except Unknown as error:
                raise HTTPException(404, f"{error}.") from None
            advised.noted("exported", ending, content)
            return Response(content, media_type=media[ending])
        raise HTTPException(404, f"A run is to be had as html, json, svg, png, pdf, dot, {', '.join(EXCHANGE)}.")

    return routes


# --- a case ---------------------------------------------------------------------------------------------------------------


def _case(site: Site, session: Session, worked: Worked) -> Response:
    """Return the whole page of a case."""
    form, screen = Form(worked, site.knowledge), Screen(worked, site.knowledge)
    return site.page(
        "case.html",
        session=session,
        worked=worked,
        form=form,
        screen=screen,
        terms=terms_in(worked.state.letter, site.knowledge, worked.reading.case.date),
        place=place_on_board(session, worked),
        pictures=_pictures(worked, site.knowledge) if screen.has_any else {},
        planned=True,
    )


def _answer(site: Site, session: Session, worked: Worked, before: Worked | None, seen: Worked | None) -> Response:
    """Return what changes on the page: the answer, beside the last one that was `seen` whole, and fields heard otherwise."""
    form, screen = Form(worked, site.knowledge), Screen(worked, site.knowledge, seen)
    rows = tuple(row for row in form.rows if _differs(row, worked, before))
    response = site.page(
        "changed.html",
        session=session,
        worked=worked,
        seen=seen,
        form=form,
        screen=screen,
        rows=rows,
        place=place_on_board(session, worked),
        planned=worked.advised.is_planned,
        pictures=_pictures(worked, site.knowledge) if worked.advised.is_planned else {},
    )
    moved = before is None or before.id != worked.id
    response.headers["HX-Push-Url"] = f"/case/{worked.id}" if moved else "false"
    return response


def _differs(row: FieldRow, worked: Worked, before: Worked | None) -> bool:
    """Tell whether a field says something else than it did."""
    if before is None:
        return not row.is_open
    old = {form_name(*key): found for key, found in before.reading.fields.items()}.get(row.name)
    return old != row.field if old is not None else not row.is_open


def _place(act: str, worked: Worked) -> str:
    """Return the part of the page to which a button leads."""
    verb, _, level = act.partition(":")
    if verb in ("add", "spine"):
        last = len(worked.state.lesions) - 1
        at = next((i for i in range(last + 1) if level and worked.state.text(str(i), "levels") == level), last)
        return f"#l{at}-levels"
    if verb in ("find", "lesion"):
        return "#found" if worked.state.letter else "#letter-text"
    return ""


def _pictures(worked: Worked, knowledge: KnowledgeBase) -> dict[str, tuple[str, list[str]]]:
    """Return for each lesion its drawing, in which every rule leads to its page, and the same in words."""
    advice = worked.advised.answer.advice
    rules = {firing.sequence: firing.rule for firing in advice.firings}
    cards = {firing.id: firing.sequence for firing in advice.firings if firing.rule in knowledge.rules}

    def address(found: re.Match[str]) -> str:
        return f'href="/case/{worked.id}/rule/{rules[int(found[1])]}"'

    return {
        chain.lesion: (
            re.sub(r'href="#firing-(\d+)"', address, picture(chain, advice, knowledge, cards)),
            list(sentences(chain)),
        )
        for chain in chains_alone(advice, knowledge)
    }


def _run_as(answer: Answer, ending: str) -> bytes:
    """Return a run as a file of an ending that it is to be had in."""
    if ending == "json":
        return answer.json().encode()
    return exchanged(answer.graph, ending) if ending in EXCHANGE else answer.diagram().render(ending)


def _own_page(page: str) -> Response:
    """Return a page that carries its own policy."""
    policy = OWN_POLICY.search(page)
    assert policy is not None, "the report forbids what it does not need"
    return HTMLResponse(page, headers={"content-security-policy": policy[1]})


# --- templates ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _environment(language: str) -> Environment:
    """Return the templates in a language."""
    environment = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=PackageLoader("metspine.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = words_of(language)

    def said(text: str) -> str:
        return words.get(text, text)

    def counted(one: str, more: str, count: int) -> str:
        return said(one if count == 1 else more)

    environment.install_gettext_callables(said, counted, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    is_english = language == ENGLISH
    environment.globals |= {"language": "en-GB" if is_english else language}
    environment.globals |= {"clinical": Markup("" if is_english else ' lang="en-GB"')}
    environment.globals |= {"version": _static_version(), "htmx": HTMX, "python": python_that_runs()}
    return environment


def _static_version() -> str:
    """Return what changes when the files that browsers keep change."""
    from hashlib import sha256

    folder = files("metspine.serve") / "static"
    return sha256(b"".join((folder / n).read_bytes() for n in ("page.css", "page.js", "htmx.min.js"))).hexdigest()[:12]
