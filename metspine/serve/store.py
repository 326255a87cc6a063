"""What the server remembers, and for how long: states of pages and their advice, for each browser by itself, in memory.

A browser is told apart by a cookie of random letters. The address of a state is made with a secret of this process, so
that it tells nothing about what was typed; the oldest states and browsers are forgotten first.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256
from json import dumps
from secrets import token_bytes, token_urlsafe
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import TYPE_CHECKING, Literal

from cases.model import Case
from cases.writing import case_data
from engine import Run
from engine.advice import Advice
from metspine.api import Answer
from metspine.journal.keeping import Pending, keeping
from metspine.serve.form import FormReading, FormState, read
from metspine.serve.work import Work

if TYPE_CHECKING:
    from metspine.journal.store import Journal, WrittenRow

MOST_SESSIONS = 1000
MOST_STATES = 300  # of one browser
IDLE = 1800.0  # seconds after which who has logged in must do so again
MOST_ADVISED = 40  # cases of one browser whose advice is kept; of the others it is worked out again


@dataclass(eq=False)
class Advised:
    """The advice on a case, each part worked out when it is first asked for, and once."""

    run: Run
    work: Work
    journal: "Journal | None" = None
    entry: "WrittenRow | None" = None  # of the advice with its plan, in the journal
    amends: str | None = None  # the decision in whose place this one stands
    lock: Lock = field(default_factory=Lock)

    @cached_property
    def advice(self) -> Advice:
        """The advice without its plan: dangers and what to do now, in a fraction of the time."""
        with self.lock, self._keeping("advice", plan=False) as kept:
            advice = self.work.advised(self.run)
            kept.close(Answer(self.run, advice))
            return advice

    @cached_property
    def answer(self) -> Answer:
        """The advice with its plan."""
        with self.lock, self._keeping("answer", plan=True) as kept:
            answer = Answer(self.run, self.work.advised(self.run, plan=True))
            kept.close(answer, text=answer.text())
            kept.amend(self.amends)
            self.entry = kept.entry or self.entry
            return answer

    def _keeping(self, part: str, plan: bool) -> AbstractContextManager[Pending]:
        """Return what a part is kept by: once, also when two ask for it at the same time."""
        return keeping(None if part in self.__dict__ else self.journal, "serve", plan=plan)

    def replaces(self, before: "Advised") -> None:
        """Write, as soon as it is kept itself, that it stands in the place of an earlier decision."""
        earlier = before.entry.id if before.entry is not None else before.amends
        if earlier is None or self is before:
            return
        if self.entry is not None:
            Pending(self.journal, entry=self.entry).amend(earlier)
        self.amends = earlier

    def noted(self, kind: Literal["shown", "exported"], how: str, content: bytes) -> None:
        """Write that something of it was shown or left the page, before it does."""
        if self.journal is not None and self.entry is not None:
            from metspine.journal.events import note

            note(self.journal, kind, self.entry.id, how, content)

    def plan(self) -> None:
        """Work the plan out, if it is not there yet."""
        _ = self.answer

    @property
    def is_planned(self) -> bool:
        """Tell whether the plan is there already."""
        return "answer" in self.__dict__


@dataclass(frozen=True, eq=False)
class Worked:
    """A state of the page, the case that it makes, and the advice on that."""

    id: str
    state: FormState
    reading: FormReading
    recall: Callable[[], Advised]

    @property
    def is_kept(self) -> bool:
        """Tell whether the advice on it stands in a journal, or will as soon as it is given."""
        return self.advised.journal is not None

    @property
    def advised(self) -> Advised:
        """The advice on the case: what is kept of it, or anew."""
        return self.recall()


@dataclass(eq=False)
class Session:
    """One browser: its states, the advice on their cases, its answers by digest, and its board."""

    id: str
    token: str
    user: str = ""  # who has logged in, and as what; nobody on this machine alone
    role: str = ""
    language: str = ""  # that was chosen
    used: float = 0.0  # when it asked last
    states: OrderedDict[str, Worked] = field(default_factory=OrderedDict)
    advised: OrderedDict[str, Advised] = field(default_factory=OrderedDict)  # by what the case says
    superseded: set[str] = field(default_factory=set)  # states that a newer answer of the same page has replaced
    seen: dict[str, str] = field(default_factory=dict)  # for a state the last one before it whose plan was there
    digests: dict[str, str] = field(default_factory=dict)
    board: list[str] = field(default_factory=list)
    who: str = ""  # who writes in the journal what became of a decision, as they say
    behalf: str = ""  # and for whom, where that is somebody else


class Store:
    """All browsers of one server."""

    def __init__(self, work: Work, journal: "Journal | None" = None) -> None:
        self.work = work
        self.reasoner = work.reasoner
        self.journal = journal
        self.secret = token_bytes(32)
        self.sessions: OrderedDict[str, Session] = OrderedDict()
        self.lock = Lock()
        self.recalling = Lock()
        self.reasoning = work.lock
        self.planning = BoundedSemaphore(work.at_once)

    def session(self, cookie: str | None) -> Session:
        """Return the browser that a cookie belongs to; a new one for a cookie that is not known."""
        with self.lock:
            if cookie is not None and cookie in self.sessions:
                self.sessions.move_to_end(cookie)
                return self.sessions[cookie]
            return self._new()

    def known(self, cookie: str | None) -> Session | None:
        """Return the browser of one who has logged in; None for any other, and for one that was idle too long."""
        with self.lock:
            session = self.sessions.get(cookie or "")
            if session is None or not session.user:
                return None
            now = monotonic()
            if now - session.used > IDLE:
                del self.sessions[session.id]
                return None
            session.used = now
            return session

    def welcome(self, user: str) -> Session:
        """Return a browser of its own for one who has just logged in."""
        with self.lock:
            return self._new(user)

    def leave(self, session: Session) -> None:
        """Forget a browser and all that it holds."""
        with self.lock:
            self.sessions.pop(session.id, None)

    def _new(self, user: str = "") -> Session:
        name = token_urlsafe(24)
        session = Session(name, self._keyed("form", name), user, used=monotonic())
        self.sessions[session.id] = session
        while len(self.sessions) > MOST_SESSIONS:
            self.sessions.popitem(last=False)
        return session

    def put(self, session: Session, state: FormState) -> Worked:
        """Return a state as it was worked out, under the address that it has from now on."""
        text = dumps(
            [state.case, state.date, state.letter, state.lesions, sorted(state.done), sorted(state.typed.items())]
        )
        name = self._keyed(session.id, text)[:24]
        with self.lock:
            if name not in session.states:
                reading = read(state, self.reasoner.knowledge)
                key = dumps(case_data(reading.case, self.reasoner.knowledge), default=str)
                recall = partial(self._advised, session, key, reading.case)
                session.states[name] = Worked(name, state, reading, recall)
                self._forget(session)
            session.states.move_to_end(name)
            return session.states[name]

    def follow(self, session: Session, worked: Worked, before: Worked | None) -> Worked | None:
        """Return the last state before this one whose plan was there, and remember it."""
        if before is None or before.id == worked.id:
            return None
        seen = before.id if before.advised.is_planned else session.seen.get(before.id, "")
        session.seen[worked.id] = seen
        return session.states.get(seen)

    def keep(self, session: Session, worked: Worked) -> str:
        """Return the digest of the answer on a state, by which it can be opened from now on."""
        found = worked.advised.answer.digest
        session.digests[found] = worked.id
        return found

    def _advised(self, session: Session, key: str, case: Case) -> Advised:
        """Return the advice on a case, the same for every state that makes the same case."""
        with self.recalling:
            if key not in session.advised:
                journal = self.journal if case.says_anything else None  # an empty form is no patient
                session.advised[key] = Advised(Run(case, self.reasoner), self.work, journal)
                while len(session.advised) > MOST_ADVISED:
                    session.advised.popitem(last=False)
            session.advised.move_to_end(key)
            return session.advised[key]

    def _forget(self, session: Session) -> None:
        """Forget the oldest states that are on no board."""
        for name in [name for name in session.states if name not in session.board]:
            if len(session.states) <= MOST_STATES:
                return
            del session.states[name]
            session.superseded.discard(name)
            session.seen.pop(name, None)

    def _keyed(self, *parts: str) -> str:
        return hmac.new(self.secret, "\0".join(parts).encode(), sha256).hexdigest()
