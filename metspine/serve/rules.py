"""The rules: found by their words, and read one by one with what stands around them and the patients for whom they fire."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from cases import read_case
from engine.inference.subjects import PATIENT, Fact, Subject
from explain.answers.neighbourhood import Neighbourhood, neighbourhood
from explain.drawing.neighbourhood import draw_neighbourhood
from explain.drawing.rendering import render
from explain.phrases.rules import rule_in_words
from explain.phrases.terms import BASIS_WORDS
from explain.render.html.picture import linked
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.language.rules import Rule, gone
from metspine.approved import read_answers
from metspine.library import LIBRARY
from metspine.serve.app import Site, is_fragment
from metspine.serve.form import form_name, state_of_case
from metspine.serve.store import Session, Worked

FOUND_RULES = 60
FIRES_SHOWN = 12  # worked patients that are named


def rule_routes(site: Site) -> APIRouter:
    """Return the pages of the rules, and of the worked patients in whom they fire."""
    routes = APIRouter(include_in_schema=False)
    knowledge = site.knowledge
    Asking = Annotated[Session, Depends(site.session)]  # noqa: N806  # a type

    @routes.get("/rules")
    def rules(session: Asking, q: str = "") -> Response:
        found = _search(knowledge, q)
        themes = _themes(knowledge)
        return site.page("rules.html", session=session, q=q, found=found[:FOUND_RULES], many=len(found), themes=themes)

    @routes.get("/rules/{rule}")
    def one_rule(request: Request, rule: str, session: Asking) -> Response:
        return _page(site, session, request, _rule(knowledge, rule), None)

    @routes.get("/case/{name}/rule/{rule}")
    def in_case(request: Request, name: str, rule: str, session: Asking) -> Response:
        return _page(site, session, request, _rule(knowledge, rule), site.worked(session, name))

    @routes.get("/worked/{name}")
    def worked(name: str, session: Asking) -> Response:
        if site.store.journal is not None or name not in _worked(ByIdentity(knowledge)):
            raise HTTPException(
                404, "There is no worked patient of this name, or this page keeps a journal of real ones."
            )
        case = read_case(LIBRARY / f"{name}.yaml", knowledge)
        return RedirectResponse(f"/case/{site.store.put(session, state_of_case(case, knowledge)).id}", 303)

    return routes


def _rule(knowledge: KnowledgeBase, name: str) -> Rule:
    if name not in knowledge.rules:
        is_gone = gone(name, knowledge.retired)
        raise HTTPException(404, f"{is_gone}." if is_gone else "There is no rule of this name; search for its words.")
    return knowledge.rules[name]


# --- found by words -------------------------------------------------------------------------------------------------------


def _search(knowledge: KnowledgeBase, words: str) -> list[Rule]:
    """Return the rules in whose id, title, words or sources all the words stand."""
    wanted = words.lower().split()
    texts = _texts(ByIdentity(knowledge)) if wanted else {}
    return [knowledge.rules[name] for name, text in texts.items() if all(word in text for word in wanted)]


@lru_cache(maxsize=2)
def _texts(of: ByIdentity) -> Mapping[str, str]:
    """Return what can be searched for of every rule."""
    return {
        name: " ".join(
            [name, rule.title, rule.because, *(text for _, text in rule_in_words(rule, of.base)),
             *(f"{source.ref} {of.base.sources[source.ref].short}" for source in rule.sources)]
        ).lower()
        for name, rule in of.base.rules.items()
    }  # fmt: skip


def _themes(knowledge: KnowledgeBase) -> Mapping[str, list[Rule]]:
    """Return the rules by the first letters of their ids."""
    found: dict[str, list[Rule]] = {}
    for rule in knowledge.rules.values():
        found.setdefault(rule.id.partition("-")[0], []).append(rule)
    return found


# --- one rule -------------------------------------------------------------------------------------------------------------


def _page(site: Site, session: Session, request: Request, rule: Rule, worked: Worked | None) -> Response:
    knowledge = site.knowledge
    around = neighbourhood(rule, knowledge)
    fires = _fires(ByIdentity(knowledge)).get(rule.id, ())
    return site.page(
        "rule.html", session=session, fragment=is_fragment(request), rule=rule, worked=worked,
        words=list(rule_in_words(rule, knowledge)),
        sources=[(knowledge.sources[c.ref], c.at, BASIS_WORDS[c.basis]) for c in rule.sources],
        premises=_premises(worked, rule.id) if worked else (), around=around,
        drawing=_drawing(around, knowledge, f"/case/{worked.id}/rule" if worked else "/rules"),
        fires=fires[:FIRES_SHOWN], many=len(fires), patients=len(_worked(ByIdentity(knowledge))),
        hazards=[hazard for hazard in knowledge.hazards.values() if rule.id in hazard.control],
    )  # fmt: skip


def _drawing(around: Neighbourhood, knowledge: KnowledgeBase, at: str) -> str:
    """Return the drawing of a neighbourhood as SVG of its own size, in which each rule leads to its page."""
    svg = linked(
        render(draw_neighbourhood(around).source, "svg").decode(), {name: i for i, name in enumerate(knowledge.rules)}
    )
    names = list(knowledge.rules)
    svg = re.sub(r'href="#firing-(\d+)"', lambda found: f'href="{at}/{names[int(found[1])]}"', svg)
    return re.sub(r'class="diagram"(.*?)data-width="(\d+)"', r'class="around"\1width="\2pt"', svg, count=1)


@lru_cache(maxsize=2)
def _fires(of: ByIdentity) -> Mapping[str, tuple[str, ...]]:
    """Return for each rule the worked patients in whom it fires, as their approved answers say."""
    found: dict[str, dict[str, None]] = {}
    for who, answer in (read_answers(LIBRARY, of.base) or {}).items():
        case = who.partition(" ")[0]
        for rule in answer["fired"] if case in _worked(of) else ():
            found.setdefault(rule, {})[case] = None
    return {rule: tuple(cases) for rule, cases in found.items()}


@lru_cache(maxsize=2)
def _worked(of: ByIdentity) -> frozenset[str]:
    """Return the names of the worked patients."""
    return frozenset(who.partition(" ")[0] for who in read_answers(LIBRARY, of.base) or {}) & {
        path.stem for path in LIBRARY.glob("*.yaml")
    }


def _premises(worked: Worked, rule: str) -> tuple[tuple[str, str, str], ...]:
    """Return what a rule read when it fired for the case: what it is, in words, and the field in which it is told."""
    names = worked.reading.names
    fields = {PATIENT.fact(k): form_name("p", k) for k in worked.reading.case.patient}
    for lesion in worked.reading.case.lesions:
        fields |= {Subject(lesion.id).fact(k): form_name(str(names.index(lesion.id)), k) for k in lesion.given}
    found: dict[Fact, tuple[str, str, str]] = {}
    for firing in worked.advised.advice.firings:
        if firing.rule == rule:
            for premise in firing.premises:
                fact = premise.fact
                found[fact] = (str(fact), premise.text, fields.get(fact, "").replace(".", "-"))
    return tuple(found.values())
