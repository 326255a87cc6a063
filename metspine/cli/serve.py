"""`metspine serve` and `metspine mcp`: the live page with its JSON API, and tools for assistants, for this machine alone."""

from typing import Annotated

import typer

from metspine.cli.journalled import named
from metspine.cli.options import KnowledgeFolder, Sides, fail, load_base, take_sides

PORT = 8421


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(serve)
    app.command()(mcp)


def serve(
    host: Annotated[str, typer.Option(help="An address of this machine to itself.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0: wherever there is room.")] = PORT,
    sides: Sides = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Open the live page on this machine: what is known, what follows, what to do; nothing is kept but a journal."""
    try:
        import uvicorn

        from metspine.serve.guard import is_loopback
        from metspine.serve.server import make_app
    except ModuleNotFoundError as error:
        fail(f"{error.name} is not installed, and the page needs it: pip install 'metspine[serve]'")
    if not is_loopback(host):
        fail(
            f"--host: {host} can be reached from other machines, and there is no login yet: what is typed here is about a "
            "patient. Use 127.0.0.1, and reach it from elsewhere through an SSH tunnel"
        )
    base = take_sides(load_base(knowledge), sides or ())
    journal = named()
    config = uvicorn.Config(
        make_app(base, journal=journal), host=host, port=port, access_log=False, log_level="warning",
        server_header=False, date_header=False, proxy_headers=False, timeout_keep_alive=10, limit_concurrency=1000,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    with listening:
        at = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        typer.echo(
            f"metspine is at http://{shown}:{at}/ on this machine alone; Ctrl+C ends it and forgets all cases"
            f"{f'; what it advised stays in {journal.where}' if journal else ''}.",
            err=True,
        )
        server.run(sockets=[listening])


def mcp(sides: Sides = None, knowledge: KnowledgeFolder = None) -> None:
    """Answer assistants over standard input and output (Model Context Protocol): they ask, and fill in nothing."""
    try:
        from metspine.assistant import make_server
    except ModuleNotFoundError as error:
        fail(f"{error.name} is not installed, and assistants need it: pip install 'metspine[mcp]'")
    make_server(take_sides(load_base(knowledge), sides or ()), named()).run("stdio")
