"""What the server remembers, and for how long: states of pages and their advice, for each browser by itself, in memory.

A browser is told apart by a cookie of random letters. The address of a state is made with a secret of this process, so
that it tells nothing about what was typed; the oldest states and browsers are forgotten first.
"""

import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from json import dumps
from secrets import token_bytes, token_urlsafe
from threading import Lock

from cases.model import Case
from cases.writing import case_data
from engine import Reasoner, Run
from engine.advice import Advice
from knowledge_base.canonical_json import digest
from metspine.api import Answer
from metspine.serve.form import Reading, State, read

MOST_SESSIONS = 200
MOST_STATES = 300  # of one browser


@dataclass(eq=False)
class Advised:
    """The advice on a case, each part worked out when it is first asked for; a `Reasoner` does one thing at a time."""

    run: Run
    lock: Lock

    @cached_property
    def advice(self) -> Advice:
        """The advice without its plan: dangers and what to do now, in a fraction of the time."""
        with self.lock:
            return self.run.advice

    @cached_property
    def answer(self) -> Answer:
        """The advice with its plan."""
        with self.lock:
            return Answer(self.run, self.run.advised(plan=True))

    @property
    def is_planned(self) -> bool:
        """Tell whether the plan is there already."""
        return "answer" in self.__dict__


@dataclass(frozen=True, eq=False)
class Worked:
    """A state of the page, the case that it makes, and the advice on that."""

    id: str
    state: State
    reading: Reading
    case_key: str
    advised: Advised


@dataclass(eq=False)
class Session:
    """One browser: its states, the advice on their cases, its answers by digest, and its board."""

    id: str
    token: str
    states: "OrderedDict[str, Worked]" = field(default_factory=OrderedDict)
    digests: dict[str, str] = field(default_factory=dict)
    board: list[str] = field(default_factory=list)


class Store:
    """All browsers of one server."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner = reasoner
        self.secret = token_bytes(32)
        self.sessions: OrderedDict[str, Session] = OrderedDict()
        self.lock = Lock()
        self.reasoning = Lock()

    def session(self, cookie: str | None) -> Session:
        """Return the browser that a cookie belongs to; a new one for a cookie that is not known."""
        with self.lock:
            if cookie is not None and cookie in self.sessions:
                self.sessions.move_to_end(cookie)
                return self.sessions[cookie]
            name = token_urlsafe(24)
            session = Session(name, self._keyed("form", name))
            self.sessions[session.id] = session
            while len(self.sessions) > MOST_SESSIONS:
                self.sessions.popitem(last=False)
            return session

    def put(self, session: Session, state: State) -> Worked:
        """Return a state as it was worked out, under the address that it has from now on."""
        text = dumps(
            [state.case, state.date, state.letter, state.lesions, sorted(state.done), sorted(state.typed.items())]
        )
        name = self._keyed(session.id, text)[:24]
        with self.lock:
            if name not in session.states:
                reading = read(state, self.reasoner.knowledge)
                key = dumps(case_data(reading.case, self.reasoner.knowledge), default=str)
                advised = self._advised(session, key, reading.case)
                session.states[name] = Worked(name, state, reading, key, advised)
                self._forget(session)
            session.states.move_to_end(name)
            return session.states[name]

    def keep(self, session: Session, worked: Worked) -> str:
        """Return the digest of the answer on a state, by which it can be opened from now on."""
        found = digest(worked.advised.answer.advice)
        session.digests[found] = worked.id
        return found

    def _advised(self, session: Session, key: str, case: Case) -> Advised:
        """Return the advice on a case; the one there is already when another state makes the same case."""
        same = (other.advised for other in reversed(session.states.values()) if other.case_key == key)
        return next(same, None) or Advised(Run(case, self.reasoner), self.reasoning)

    def _forget(self, session: Session) -> None:
        """Forget the oldest states that are on no board."""
        for name in [name for name in session.states if name not in session.board]:
            if len(session.states) <= MOST_STATES:
                return
            del session.states[name]

    def _keyed(self, *parts: str) -> str:
        return hmac.new(self.secret, "\0".join(parts).encode(), sha256).hexdigest()
