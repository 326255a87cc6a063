"""`metspine journal`, where it asks: the decisions that were kept, to verify, find, show, count and recall."""

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metspine.cli.journalled import NEEDED, opened
from metspine.cli.options import CORES, Format, Jobs, fail, load_base, needing, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import BaseModel

    from knowledge_base import KnowledgeBase
    from metspine.journal.queries import Sought
    from metspine.journal.store import Journal

app = typer.Typer(
    help="The decisions that were kept: verify, find, explain, recall, override, export, erase.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Printed = Annotated[Format, typer.Option("--format", help="How to print it.")]
Named = Annotated[str, typer.Argument(metavar="DECISION", help="Its row, its id, or the digest that was printed.")]
Page = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it as a page, a .html file.")]


def day(text: str | None) -> str | None:
    """Return a day as it was typed; end with a message for what is none."""
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write YYYY-MM-DD, such as 2026-01-31") from None


Since = Annotated[
    str | None, typer.Option("--from", metavar="DAY", callback=day, help="The first day, YYYY-MM-DD (UTC).")
]
Until = Annotated[str | None, typer.Option("--to", metavar="DAY", callback=day, help="The last day, YYYY-MM-DD (UTC).")]


@app.command()
def init(
    file: Annotated[
        str, typer.Argument(help="Where the journal will be: a file, or the URL of a PostgreSQL database.")
    ],
    name: Annotated[str, typer.Option(help="Its name in checkpoints, such as hospital.example/spine.")] = "",
    key: Annotated[Path | None, typer.Option(help="The file of its key; made where there is none.")] = None,
    witness: Annotated[
        str, typer.Option(metavar="FILE", help="A second place for checkpoints; on another disk it protects more.")
    ] = "",
) -> None:
    """Make a journal; print the key by which it is verified, to be kept where the journal is not."""
    with needing(NEEDED):
        from metspine.journal.store import Journal
    made = Journal.create(file, key, name, witness)
    typer.echo(f"journal: {file}; checkpoints: {made.witness or 'in the database alone'}", err=True)
    typer.echo(made.verifier)


@app.command()
def verify(
    replay: Annotated[bool, typer.Option("--replay", help="Repeat every decision, too.")] = False,
    witness: Annotated[Path | None, typer.Option(metavar="FILE", help="Checkpoints that were kept elsewhere.")] = None,
    key: Annotated[
        str, typer.Option(metavar="KEY", help="The public key that was noted; else the one in the journal is believed.")
    ] = "",
    index: Annotated[
        bool, typer.Option("--index/--no-index", help="Hold what is searched by against every record; slow for many.")
    ] = True,
    jobs: Jobs = CORES,
) -> None:
    """Say whether the journal is as it was written, and complete; each thing that is not by its name."""
    from metspine.journal.verification import findings, size_of

    journal = opened()
    found = findings(journal, replay, witness, index, jobs, key)
    for finding in found:
        typer.echo(str(finding))
    typer.echo(f"{size_of(journal)} rows, {len(found)} findings")
    raise typer.Exit(1 if found else 0)


@app.command()
def find(
    rule: Annotated[str | None, typer.Option(metavar="ID", help="A rule that fired.")] = None,
    version: Annotated[str | None, typer.Option(metavar="HEX", help="In this version.")] = None,
    advised: Annotated[str | None, typer.Option(metavar="PATHWAY", help="A pathway that was recommended.")] = None,
    alert: Annotated[str | None, typer.Option(metavar="LEVEL", help="An alert of this level, such as danger.")] = None,
    measure: Annotated[str | None, typer.Option(metavar="ID", help="A measure that was called for.")] = None,
    given: Annotated[str | None, typer.Option(metavar="FACT=VALUE", help="A value that was given.")] = None,
    overridden: Annotated[bool, typer.Option("--overridden", help="A clinician decided otherwise.")] = False,
    case: Annotated[str | None, typer.Option(metavar="NAME", help="What the case calls itself.")] = None,
    since: Since = None,
    until: Until = None,
    format: Printed = "text",
    output: Page = None,
) -> None:
    """List the decisions in which all of this holds, oldest first."""
    from metspine.journal.pages import decided, found_page, recommended
    from metspine.journal.queries import Sought
    from metspine.journal.queries import find as found_in

    sought = Sought(
        rule=rule,
        version=version,
        advised=advised,
        alert=alert,
        measure=measure,
        fact=given,
        overridden=overridden,
        case=case,
        since=since,
        until=until,
    )
    journal = opened()
    found = found_in(journal, sought)
    if _is_told(found, format, output, lambda: found_page(found, _said(sought), journal.meta["name"])):
        return
    for one in found:
        over = "  (overridden)" if one.overridden else ""
        typer.echo(f"{one.seq:>6}  {one.at[:19]}  {one.decision[:12]}  {recommended(one)}{over}")
    typer.echo(decided(len(found)))
    if rule and not found:
        _hint(journal, rule)


@app.command()
def show(
    decision: Named,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Write its record, for why, report, prov and replay."),
    ] = None,
    knowledge_to: Annotated[
        Path | None,
        typer.Option("--knowledge-to", metavar="FILE", help="Write the knowledge that gave it, for --knowledge."),
    ] = None,
) -> None:
    """Say what was decided, under what, and what became of it since; write its record and its knowledge."""
    from engine.record import record_from
    from explain.phrases.lesions import sentence
    from metspine.journal.events import note
    from metspine.journal.pages import writer
    from metspine.journal.queries import actor_of, bundle_of, events, record_of_row, row_of

    journal = opened()
    seq, row_id = row_of(journal, decision)
    history = events(journal, row_id)
    typer.echo(f"row {seq}, {row_id}")
    if who := writer(actor_of(journal, seq)):
        typer.echo(f"written by {who}")
    if any(event["kind"] == "erased" for event in history) and record is None and knowledge_to is None:
        _print_events(history)
        return
    _, _, content = record_of_row(journal, decision)
    held = record_from(content, f"row {seq}")
    stamp = held.advice.knowledge_base
    typer.echo(f"case       {held.advice.case}")
    typer.echo(f"knowledge  {stamp.id} {stamp.version}, SHA-256 {stamp.digest}")
    typer.echo(f"program    metspine {held.engine.metspine}, SHA-256 {held.engine.digest}")
    typer.echo(f"decision   SHA-256 {held.digests.decision}")
    for lesion in held.advice.lesions:
        typer.echo(sentence(lesion))
    _print_events(history)
    if record is not None:
        if not journal.is_copy:
            note(journal, "exported", decision, "record", content)
        write(record, content, "record")
    if knowledge_to is not None:
        write(knowledge_to, bundle_of(journal, stamp.digest), "knowledge")


def _print_events(history: "Iterable[Mapping[str, Any]]") -> None:
    """Print what became of a decision, oldest first."""
    from metspine.journal.pages import writer

    for event in history:
        said = ", ".join(
            f"{name} {value if isinstance(value, str) else ' '.join(value)}"
            for name, value in event["body"].items()
            if value
        )
        who = writer(event["actor"])
        typer.echo(f"{event['at'][:19]}  {event['kind']}{f' by {who}' if who else ''}: {said}")


@app.command()
def rules(
    since: Since = None,
    until: Until = None,
    never: Annotated[
        bool, typer.Option("--never", help="Those that never fired, and how often they may at most (95 %).")
    ] = False,
    drift: Annotated[
        bool, typer.Option("--drift", help="Those that do otherwise since --from than before, beyond chance.")
    ] = False,
    format: Printed = "text",
    output: Page = None,
) -> None:
    """Say how often each version of each rule fired, decided, and was overridden; with 95 % intervals."""
    from metspine.journal.pages import overrides, rules_page, share
    from metspine.journal.queries import Sought
    from metspine.journal.rule_use import rules as used

    if drift:
        if since is None or never or output is not None:
            fail("--drift: name the first day of what is new with --from, and neither --never nor --output")
        _print_drift(opened(), since, until, format)
        return
    journal = opened()
    found = [one for one in used(journal, since, until) if (one.fired == 0) == never]
    period = Sought(since=since, until=until)
    if _is_told(found, format, output, lambda: rules_page(found, _said(period), journal.meta["name"])):
        return
    typer.echo(f"{'rule':<22}{'version':<14}{'fired':>6}  {'share (95 %)':<24}{'decisive':>8}  overridden")
    for one in found:
        typer.echo(
            f"{one.rule:<22}{one.version:<14}{one.fired:>6}  {share(one):<24}{one.decisive:>8}  {overrides(one)}"
        )


def _print_drift(journal: "Journal", since: str, until: str | None, format: Format) -> None:
    from metspine.journal.pages import changed
    from metspine.journal.rule_use import drift as drifting

    found = drifting(journal, since, until)
    if _is_told(found, format):
        return
    for one in found:
        typer.echo(f"{one.rule:<22}{one.version:<14}{changed(one)}")
    typer.echo(f"{len(found)} {'rule does' if len(found) == 1 else 'rules do'} otherwise since {since}")


@app.command()
def recall(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule that was wrong.")],
    wrong: Annotated[
        str, typer.Option("--from", metavar="DIGEST", help="Only decisions under this knowledge: its first digits.")
    ] = "",
    corrected: Annotated[
        str | None,
        typer.Option("--to", metavar="DIGEST|NAME|FILE", help="The corrected knowledge, by which all is repeated."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it: a .csv, .json or .html file.")
    ] = None,
    jobs: Jobs = CORES,
) -> None:
    """Say whom a rule advised, and whom the corrected one would now advise otherwise; the gravest first."""
    from metspine.journal.recall import as_csv
    from metspine.journal.recall import recall as recalled
    from metspine.journal.recall_page import page, summary

    if output is not None and output.suffix.lower() not in (".csv", ".json", ".html"):
        fail(f"{output}: a recall is written as .csv, .json or .html; give the file one of these endings")
    journal = opened()
    base = _knowledge(journal, corrected) if corrected else None
    found = recalled(journal, rule, wrong, base, jobs)
    if output is not None:
        written = {".csv": as_csv, ".json": lambda one: f"{one.model_dump_json(indent=2)}\n", ".html": page}
        write(output, written[output.suffix.lower()](found))
    typer.echo(summary(found), nl=False)
    if not any(one.fired for one in found.recalled):
        _hint(journal, rule)


def _knowledge(journal: "Journal", which: str) -> "KnowledgeBase":
    """Return knowledge by a digest that the journal keeps, else by name, folder or file."""
    from knowledge_base import Invalid
    from metspine.journal.queries import knowledge_by_digest

    if len(which) >= 6 and set(which) <= set("0123456789abcdef"):
        try:
            return knowledge_by_digest(journal, which)
        except Invalid:
            if not os.path.exists(which):
                raise
    return load_base(which)


def _hint(journal: "Journal", rule: str) -> None:
    """Say of a rule that fired nowhere which one may be meant."""
    from metspine.journal.queries import never_fired

    if hint := never_fired(journal, rule):
        typer.echo(hint, err=True)


def _said(sought: "Sought") -> list[str]:
    """Return what was sought, in the words of the command line."""
    names = {"since": "from", "until": "to", "fact": "given"}
    asked = sought.model_dump(exclude_defaults=True)
    return [f"{names.get(name, name)}: {'yes' if value is True else value}" for name, value in asked.items()]


def _is_told(
    found: "Iterable[BaseModel]", format: Format, output: Path | None = None, page: "Callable[[], str]" = str
) -> bool:
    """Write what was found as a page, or print it as JSON, where either is asked for; tell whether it was."""
    if output is not None:
        if output.suffix.lower() != ".html":
            fail(f"{output}: a page is written as .html; give the file this ending")
        write(output, page())
    elif format == "json":
        typer.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2, ensure_ascii=False))
    return output is not None or format == "json"
