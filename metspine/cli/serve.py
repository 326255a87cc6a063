"""`metspine serve`, `users` and `mcp`: the live page with its JSON API, who may open it, and tools for assistants."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.cli.journalled import named
from metspine.cli.options import KnowledgeFolder, Sides, fail, load_base, needing, take_sides

if TYPE_CHECKING:
    from metspine.serve.accounts import Accounts

PORT = 8421
UsersFile = Annotated[Path, typer.Option("--users", metavar="FILE", help="The file of the accounts.")]
Named = Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with.")]
users = typer.Typer(help="Who may open the page: add, remove, list.", no_args_is_help=True, rich_markup_mode=None)


def serve(
    host: Annotated[str, typer.Option(help="The address that it listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0: wherever there is room.")] = PORT,
    users: Annotated[Path | None, typer.Option(metavar="FILE", help="Let in only these: see `metspine users`.")] = None,
    cert: Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate for TLS, as PEM.")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key, as PEM.")] = None,
    name: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="A name by which browsers reach it; repeatable.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="How many cases are worked out at the same time, each by a process.")
    ] = 1,
    sides: Sides = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Open the live page: what is known, what follows, what to do; nothing is kept but a journal.

    On this machine alone it needs nothing. Another address needs TLS (--cert, --key) and a login (--users).
    """
    with needing("{} is not installed, and the page needs it: pip install 'metspine[serve]'"):
        import uvicorn

        from metspine.serve.guard import is_loopback
        from metspine.serve.server import make_app
    if not is_loopback(host) and not (users and cert and key):
        fail(
            f"--host: {host} can be reached from other machines, and what is typed here is about a patient: it needs a "
            "login (--users) and TLS (--cert, --key). Or use 127.0.0.1, and reach it through an SSH tunnel"
        )
    if (cert is None) != (key is None):
        fail("--cert and --key go together")
    for file in filter(None, (cert, key)):
        if not file.is_file():
            fail(f"{file}: there is no such file")
    accounts = _accounts(users) if users else None
    if accounts is not None:
        _ = accounts.listed
    base = take_sides(load_base(knowledge), sides or ())
    journal = named()
    app = make_app(base, (host, *(name or ())), journal, accounts, secure=cert is not None, workers=workers)
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_level="warning", ssl_certfile=cert, ssl_keyfile=key,
        server_header=False, date_header=False, proxy_headers=False, timeout_keep_alive=10, limit_concurrency=1000,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    with listening:
        at = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        typer.echo(
            f"metspine is at http{'s' if cert else ''}://{shown}:{at}/"
            f"{' on this machine alone' if is_loopback(host) else ''}; Ctrl+C ends it and forgets all cases"
            f"{f'; what it advised stays in {journal.where}' if journal else ''}.",
            err=True,
        )
        try:
            server.run(sockets=[listening])
        finally:
            app.state.work.close()


def _accounts(file: Path) -> "Accounts":
    """Return the accounts of a file."""
    with needing("a login needs {}; install it with: pip install 'metspine[serve]'"):
        from metspine.serve.accounts import Accounts
    return Accounts(file)


@users.command()
def add(
    name: Named, file: UsersFile, role: Annotated[str, typer.Option(help="clinician, editor or auditor.")] = "clinician"
) -> None:
    """Add an account, or give it another role and password; the password is asked for, or read from standard input."""
    import sys

    from metspine.serve.accounts import ROLES

    accounts = _accounts(file)
    chosen = next((one for one in ROLES if one == role), None)
    if chosen is None:
        fail(f"--role: {role} is none of {', '.join(ROLES)}")
    is_asked = sys.stdin.isatty()
    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        if is_asked
        else sys.stdin.readline().rstrip("\n")
    )
    try:
        accounts.put(name, chosen, password)
    except ValueError as error:
        fail(str(error))
    typer.echo(f"{name} is {chosen} in {file}", err=True)


@users.command()
def remove(name: Named, file: UsersFile) -> None:
    """Take an account away; who is logged in with it is out at once."""
    try:
        _accounts(file).remove(name)
    except ValueError as error:
        fail(str(error))


@users.command("list")
def listed(file: UsersFile) -> None:
    """Print the names and roles."""
    for name, account in _accounts(file).listed.accounts.items():
        typer.echo(f"{name}\t{account.role}")


def mcp(sides: Sides = None, knowledge: KnowledgeFolder = None) -> None:
    """Answer assistants over standard input and output (Model Context Protocol): they ask, and fill in nothing."""
    with needing("{} is not installed, and assistants need it: pip install 'metspine[mcp]'"):
        from metspine.assistant import make_server
    make_server(take_sides(load_base(knowledge), sides or ()), named()).run("stdio")
