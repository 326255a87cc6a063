"""The same journal on PostgreSQL, for a hospital with several writers: against a server that the test starts."""

import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from metspine.journal.export import export
from metspine.journal.offline import check, from_export
from metspine.journal.queries import Sought, find
from metspine.journal.rule_use import rules
from metspine.journal.store import Journal
from metspine.journal.verification import findings, size_of

HOMES = [Path(found).parent for name in ("initdb",) if (found := shutil.which(name))]
HOMES += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def as_postgres(*command):
    """Return a command as a user whom the server lets start it: it refuses root."""
    return (["runuser", "-u", "postgres", "--", *command]) if os.geteuid() == 0 else list(command)


@pytest.fixture(scope="module")
def server():
    """The URL of an empty database on a server of its own, reached through a socket in a folder of its own."""
    if not HOMES or (os.geteuid() == 0 and shutil.which("runuser") is None):
        pytest.skip("there is no PostgreSQL server to start here")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        data, initdb, pg_ctl = f"{folder}/data", str(HOMES[0] / "initdb"), str(HOMES[0] / "pg_ctl")
        quiet = {"check": True, "capture_output": True, "cwd": folder}
        subprocess.run(as_postgres(initdb, "-D", data, "-A", "trust", "-U", "postgres"), **quiet)
        settings = f"-k {folder} -c listen_addresses='' -c fsync=off"
        start = as_postgres(pg_ctl, "-D", data, "-w", "-l", f"{folder}/log", "-o", settings, "start")
        subprocess.run(start, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            subprocess.run(as_postgres(pg_ctl, "-D", data, "-m", "immediate", "stop"), **quiet)


def test_several_writers_share_one_chain(server, tmp_path, decided, knowledge):
    key = tmp_path / "key"
    first = Journal.create(server, key, "hospital.example/spine", witness=str(tmp_path / "checkpoints"))

    def write(number):
        journal = Journal(server, key)
        answer = decided[number % len(decided)]
        return journal.close(journal.open({"command": "advise"}), answer.recorded(), knowledge, {}).id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(write, range(12)))
    assert len(ids) == 12
    assert {one.id for one in find(first, Sought())} == ids
    assert size_of(first) == 25
    assert findings(first) == []
    assert len(find(first, Sought(rule="NOMS-09"))) == next(u.fired for u in rules(first) if u.rule == "NOMS-09")

    for statement in ("UPDATE records SET kind = 'x'", "DELETE FROM payloads", "TRUNCATE records CASCADE"):
        with pytest.raises(DBAPIError, match="a journal is added to"), first.engine.begin() as connection:
            connection.execute(text(statement))

    (row, *_) = find(first, Sought(rule="NOMS-09"))
    first.erase(row.id, "asked to be forgotten")
    assert findings(first) == []
    export(first, tmp_path / "j.zip")
    assert check(from_export(tmp_path / "j.zip"), first.verifier) == []

    with first.engine.begin() as connection:  # whoever owns the database can go past its triggers, and is found
        connection.execute(text("ALTER TABLE records DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE records SET at = '2020' WHERE seq = 4"))
    assert {finding.verdict for finding in findings(first)} == {"edited"}
