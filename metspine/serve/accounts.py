"""Who may come in when the page can be reached from other machines: names, roles and hashed passwords, in one file.

Passwords are hashed with Argon2id (RFC 9106; 19 MiB and two passes, as OWASP's Password Storage Cheat Sheet has it). A
password is tried in the same time whether its name is known or not, a few at once, and a few times in a quarter of an hour.
"""

import os
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Literal, get_args

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge_base.text.errors import Invalid
from metspine.files import put_whole

Role = Literal["clinician", "editor", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
SHORTEST, LONGEST = 12, 200  # characters of a password
NAMED = 60  # characters of a name at most
AT_ONCE = 2  # passwords tried side by side: each takes 19 MiB
TRIES, TRIES_OF_ALL = 5, 50  # failures of a name from an address, and of all names from it, within
WINDOW = 900.0  # seconds
REMEMBERED = 10_000


class Account(BaseModel):
    """One who may come in; `password` is its hash in the PHC string format."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    role: Role
    password: str


class Listed(BaseModel):
    """The file: accounts by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal[1] = 1
    accounts: dict[str, Account] = {}


class Accounts:
    """The accounts of a file; what is changed there counts from the next request on."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._read: tuple[tuple[int, int], Listed] | None = None
        self._hashing = BoundedSemaphore(AT_ONCE)
        self._nobody = _hashed(os.urandom(16).hex())

    @property
    def listed(self) -> Listed:
        """What the file holds; raise `Invalid` where it is none of ours."""
        try:
            stat = self.file.stat()
            now = stat.st_mtime_ns, stat.st_size
            if self._read is None or self._read[0] != now:
                self._read = now, Listed.model_validate_json(self.file.read_bytes())
        except (OSError, ValidationError) as error:
            reason = error.strerror if isinstance(error, OSError) else "this is no file of accounts"
            message = f"{reason}; make one with: metspine users add NAME --role ROLE --users FILE"
            raise Invalid.at(self.file, message, about="accounts") from None
        return self._read[1]

    def role(self, name: str) -> Role | None:
        """Return the role of a name; None for one that may not come in (any more)."""
        account = self.listed.accounts.get(name)
        return account.role if account is not None else None

    def fits(self, name: str, password: str) -> bool:
        """Tell whether a password is that of a name."""
        account = self.listed.accounts.get(name)
        with self._hashing:
            try:
                Argon2id.verify_phc_encoded(
                    password.encode(errors="replace"), account.password if account else self._nobody
                )
            except InvalidKey:
                return False
        return account is not None

    def put(self, name: str, role: Role, password: str) -> None:
        """Write an account, in the place of one of the same name; raise ValueError for a name or password that is none."""
        if not name.strip() or len(name) > NAMED or not name.isprintable():
            raise ValueError(f"a name has 1 to {NAMED} printable characters")
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters; several words are good")
        accounts = self.listed.accounts if self.file.exists() else {}
        self._write({**accounts, name: Account(role=role, password=_hashed(password))})

    def remove(self, name: str) -> None:
        """Take an account away; raise ValueError for a name that is not there."""
        if name not in self.listed.accounts:
            raise ValueError(f"{name} is not in {self.file}")
        self._write({other: account for other, account in self.listed.accounts.items() if other != name})

    def _write(self, accounts: dict[str, Account]) -> None:
        """Write the file in one step, for its owner alone."""
        text = Listed(accounts=dict(sorted(accounts.items()))).model_dump_json(indent=1)
        put_whole(self.file, f"{text}\n", mode=0o600)


def _hashed(password: str) -> str:
    return Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=19 * 1024).derive_phc_encoded(
        password.encode()
    )


class Tries:
    """How often an address has failed of late; a try counts as failed until it is taken back."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.lock = Lock()
        self.failed: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def wait(self, address: str, name: str) -> int:
        """Count a try; return for how many seconds no other is let through, 0 for one that is."""
        with self.lock:
            now = self.clock()
            counted = [(self._of(address, name, now), TRIES), (self._of(address, "", now), TRIES_OF_ALL)]
            full = [when[0] for when, most in counted if len(when) >= most]
            if full:
                return max(1, round(WINDOW - (now - min(full))))
            for when, _ in counted:
                when.append(now)
            return 0

    def forgive(self, address: str, name: str) -> None:
        """Take back the tries of a name from an address: the password was right."""
        with self.lock:
            mine = self.failed.pop((address, name), deque())
            every = self.failed.get((address, ""), deque())
            for _ in range(min(len(mine), len(every))):
                every.pop()

    def _of(self, address: str, name: str, now: float) -> deque[float]:
        when = self.failed.setdefault((address, name), deque())
        self.failed.move_to_end((address, name))
        while when and now - when[0] > WINDOW:
            when.popleft()
        while len(self.failed) > REMEMBERED:
            self.failed.popitem(last=False)
        return when
