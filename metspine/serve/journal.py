"""What becomes of a decision, on the page of its case: accepted, overridden, repeated, erased; each a row of the journal.

A browser sees the decisions that were given to it and no others: whoever may read them all has the command line.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from metspine.journal.events import REASONS, accept, override, repeat
from metspine.journal.pages import writer
from metspine.journal.queries import events
from metspine.journal.store import Journal
from metspine.results import Unknown
from metspine.serve.app import Site
from metspine.serve.store import Session, Worked


def repeat_or_erase(site: Site, journal: Journal, row: str, act: str, why: str) -> None:
    """Do what a clinician and an auditor both may; `HTTPException` for another act, or for erasing without a reason."""
    if act == "replay":
        with site.store.reasoning:
            repeat(journal, row)
    elif act == "erase" and why:
        journal.erase(row, why)
    else:
        raise HTTPException(400, "Nothing was done; say what became of it, and for erasing why.")


def journal_routes(site: Site, journal: Journal) -> APIRouter:
    """Return the page of what became of a case's decision, and what its buttons do."""
    routes = APIRouter(include_in_schema=False)
    Asking = Annotated[Session, Depends(site.session)]  # noqa: N806  # a type

    def kept(worked: Worked) -> str:
        advised = worked.advised
        advised.plan()
        if advised.entry is None:
            raise HTTPException(404, "Nothing is known of this patient yet, so there is no decision to keep.")
        return advised.entry.id

    @routes.get("/case/{name}/journal")
    def of_case(name: str, session: Asking) -> Response:
        worked = site.worked(session, name)
        row = kept(worked)
        answer = worked.advised.answer
        argued = {
            lesion.id: sorted({a.rule for option in lesion.options for a in option.arguments})
            for lesion in answer.advice.lesions
        }
        return site.page(
            "kept.html", session=session, worked=worked, row=row, seq=worked.advised.entry.seq,  # type: ignore[union-attr]
            digest=answer.digest, events=events(journal, row), argued=argued, reasons=REASONS,
            pathways=site.knowledge.pathways, by=writer,
        )  # fmt: skip

    @routes.post("/case/{name}/journal")
    async def decided(name: str, request: Request, session: Asking) -> Response:
        pairs = await site.form(request, session)
        values = {key: value.strip() for key, value in pairs}
        row = kept(site.worked(session, name))
        lesion, why = values.get("lesion") or None, values.get("why", "")
        writing = journal.by(session.who, session.behalf)
        try:
            if values.get("act") == "who":
                session.who, session.behalf = values.get("who", "")[:40], values.get("behalf", "")[:40]
            elif values.get("act") == "accept":
                accept(writing, row, lesion)
            elif values.get("act") == "override":
                rules = [value for key, value in pairs if key == "rule"]
                chosen, reason = values.get("chosen", ""), values.get("reason", "")
                override(writing, row, chosen, reason, lesion, rules, values.get("text", ""))
            else:  # who logs in leaves it to an auditor to erase
                repeat_or_erase(site, writing, row, values.get("act", ""), "" if session.user else why)
        except Unknown as error:
            raise HTTPException(400, f"{error}.") from None
        return RedirectResponse(f"/case/{name}/journal", 303)

    return routes
