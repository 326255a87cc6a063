"""The auditor's pages: every decision of the journal, one of them with what became of it, and whom a rule advised."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from engine.record import record_from
from explain.phrases.lesions import sentence
from knowledge_base.text.errors import Invalid
from metspine.journal.pages import changed, overrides, recommended, share, writer
from metspine.journal.queries import Sought, actor_of, events, find, record_of_row, row_of
from metspine.journal.recall import recall
from metspine.journal.recall_page import summary
from metspine.journal.rule_use import drift, rules
from metspine.journal.store import Journal, Unwritten
from metspine.results import Unknown
from metspine.serve.app import Site
from metspine.serve.journal import repeat_or_erase
from metspine.serve.store import Session

FIELDS = ("rule", "advised", "alert", "measure", "fact", "case", "since", "until")
MOST = 200


def audit_routes(site: Site, journal: Journal) -> APIRouter:
    """Return the pages over the whole journal."""
    routes = APIRouter(include_in_schema=False)

    def place(row: str) -> tuple[int, str]:
        try:
            return row_of(journal, row)
        except Unwritten:
            raise
        except Invalid:
            raise HTTPException(404, "There is no such decision in the journal; search for it.") from None

    Asking = Annotated[Session, Depends(site.session)]  # noqa: N806  # a type

    @routes.get("/journal")
    def found(request: Request, session: Asking) -> Response:
        asked = {name: request.query_params.get(name, "").strip()[:200] for name in FIELDS}
        over = "overridden" in request.query_params
        rows = find(journal, Sought(**{name: text or None for name, text in asked.items()}, overridden=over))
        lines = [(one, recommended(one)) for one in reversed(rows)]
        return site.page("audit.html", session=session, asked=asked, over=over, lines=lines[:MOST], many=len(lines))

    @routes.get("/journal/rules")
    def used(session: Asking, since: date | Literal[""] = "") -> Response:
        lines = [(one, share(one), overrides(one)) for one in rules(journal) if one.fired]
        day = str(since)
        drifted = [(one, changed(one)) for one in drift(journal, day)] if day else []
        return site.page(
            "audit_rules.html", session=session, lines=lines, recalled="", rule="", since=day, drifted=drifted
        )

    @routes.get("/journal/recall")
    def recalled(session: Asking, rule: str = "") -> Response:
        with site.store.reasoning:
            told = summary(recall(journal, rule.strip(), "")) if rule.strip() else ""
        return site.page("audit_rules.html", session=session, lines=[], recalled=told, rule=rule)

    @routes.get("/journal/{row}")
    def one(row: str, session: Asking) -> Response:
        seq, name = place(row)
        history = events(journal, name)
        erased = any(event["kind"] == "erased" for event in history)
        held = None if erased else record_from(record_of_row(journal, name)[2], f"row {seq}")
        said = [sentence(lesion) for lesion in held.advice.lesions] if held else []
        return site.page(
            "audited.html", session=session, seq=seq, row=name, events=history, held=held, said=said, by=writer,
            who=writer(actor_of(journal, seq)),
        )  # fmt: skip

    @routes.post("/journal/{row}")
    async def done(row: str, request: Request, session: Asking) -> Response:
        values = dict(await site.form(request, session))
        name = place(row)[1]
        try:
            repeat_or_erase(site, journal, name, values.get("act", ""), values.get("why", "").strip())
        except Unknown as error:
            raise HTTPException(400, f"{error}.") from None
        return RedirectResponse(f"/journal/{name}", 303)

    return routes
