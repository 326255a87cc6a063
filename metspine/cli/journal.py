"""`metspine journal`: the decisions that were kept, to verify, find, explain, recall, override, export and erase."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metspine.cli.explain import Everything, LesionId, print_answer
from metspine.cli.explain import Printed as PrintedAnswer
from metspine.cli.journalled import NEEDED, opened
from metspine.cli.options import CORES, Format, Jobs, fail, load_base, needing, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import BaseModel

    from knowledge_base import KnowledgeBase
    from metspine.journal.queries import Sought
    from metspine.journal.store import Journal, WrittenRow

app = typer.Typer(
    help="The decisions that were kept: verify, find, explain, recall, override, export, erase.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Printed = Annotated[Format, typer.Option("--format", help="How to print it.")]
Named = Annotated[str, typer.Argument(metavar="DECISION", help="Its row, its id, or the digest that was printed.")]
Page = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it as a page, a .html file.")]


def _day(text: str | None) -> str | None:
    """Return a day as it was typed; end with a message for what is none."""
    from datetime import date

    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write YYYY-MM-DD, such as 2026-01-31") from None


Since = Annotated[
    str | None, typer.Option("--from", metavar="DAY", callback=_day, help="The first day, YYYY-MM-DD (UTC).")
]
Until = Annotated[
    str | None, typer.Option("--to", metavar="DAY", callback=_day, help="The last day, YYYY-MM-DD (UTC).")
]
Reason = Annotated[str, typer.Option(help="Why, without naming the patient; it stays in the chain.")]


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
    if _wrote(output, lambda: found_page(found, _said(sought), journal.meta["name"])):
        return
    if format == "json":
        _print_json(found)
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
    if _wrote(output, lambda: rules_page(found, _said(Sought(since=since, until=until)), journal.meta["name"])):
        return
    if format == "json":
        _print_json(found)
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
    if format == "json":
        _print_json(found)
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


@app.command()
def override(
    decision: Named,
    chosen: Annotated[str, typer.Option("--chosen", metavar="PATHWAY", help="What is done instead.")],
    reason: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="Why: patient-preference, already-done, not-available, contraindicated, input-wrong, "
            "rule-wrong, goals-of-care or other.",
        ),
    ],
    lesion: LesionId = None,
    rule: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A rule that is disagreed with; repeatable.")
    ] = None,
    text: Annotated[str, typer.Option(help="In words; it can be erased.")] = "",
) -> None:
    """Write that the team decided otherwise, with the reason and the rules it disagrees with."""
    from metspine.journal import events

    _written(events.override(opened(), decision, chosen, reason, lesion, rule or (), text))


@app.command()
def accept(decision: Named, lesion: LesionId = None) -> None:
    """Write that the team does what was advised."""
    from metspine.journal import events

    _written(events.accept(opened(), decision, lesion))


@app.command()
def shown(
    decision: Named,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What was shown; its SHA-256 is written, and not its name.")
    ],
) -> None:
    """Write that a page of a decision was shown or handed over later."""
    from metspine.journal import events

    how = file.suffix.lower().removeprefix(".") or "file"
    _written(events.note(opened(), "shown", decision, how, _content(file)))


@app.command()
def amend(
    decision: Named,
    by: Annotated[
        str, typer.Option("--by", metavar="DECISION", help="The decision on the new facts, in this journal.")
    ],
) -> None:
    """Write that facts were corrected or have changed, and which decision stands in the place of this one."""
    from metspine.journal import events
    from metspine.journal.queries import record_of_row

    journal = opened()
    _written(events.amend(journal, decision, record_of_row(journal, by)[1]))


@app.command()
def replay(decision: Named, format: PrintedAnswer = "text", everything: Everything = False) -> None:
    """Repeat a decision under the knowledge that gave it; what became of it is written too. Exit code 1: not the same."""
    from explain.report.replay import replay_report
    from metspine.journal import events
    from metspine.results import Told

    found = events.repeat(opened(), decision)
    print_answer(Told(found, replay_report), format, everything)
    raise typer.Exit(0 if found.is_same else 1)


@app.command()
def prove(
    decision: Annotated[str | None, typer.Argument(metavar="[DECISION]", help="That it is in the journal.")] = None,
    since: Annotated[
        int | None, typer.Option("--since", metavar="SIZE", help="That the journal goes on from its first SIZE rows.")
    ] = None,
) -> None:
    """Print a proof for who has a checkpoint and not the journal; the offline verifier verifies it."""
    from metspine.journal.proofs import consistency, inclusion
    from metspine.journal.queries import record_of_row

    journal = opened()
    if (decision is None) == (since is None):
        fail("prove: name a decision, or an older size with --since")
    typer.echo(
        consistency(journal, since)
        if since is not None
        else inclusion(journal, record_of_row(journal, decision or "")[0]),
        nl=False,
    )


@app.command()
def export(output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .zip file.")]) -> None:
    """Write everything to one file, with the verifier that needs Python alone."""
    from metspine.journal.export import export as exported

    if output.exists():
        fail(f"{output}: is there already; name another file")
    rows = exported(opened(), output)
    typer.echo(f"{rows} rows: {output}", err=True)


@app.command("import")
def import_(
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="The .zip file that `journal export` wrote.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="The public key, from who keeps the journal.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy will be.")],
    witness: Annotated[Path | None, typer.Option(metavar="FILE", help="Checkpoints that were kept elsewhere.")] = None,
) -> None:
    """Make a copy of an exported journal, to be searched and recalled elsewhere; only when all of it verifies."""
    with needing(NEEDED):
        from metspine.journal.importing import import_export
        from metspine.journal.verification import size_of
    from metspine.journal.offline import notes_in

    kept = notes_in(_content(witness).decode(errors="replace")) if witness else []
    typer.echo(f"{size_of(import_export(export, key, file, kept))} rows: {file}", err=True)


@app.command()
def erase(decision: Named, reason: Reason) -> None:
    """Take what names the patient out of a decision; the chain stays whole and says that it was done."""
    from metspine.journal.queries import KEPT, row_of

    journal = opened()
    seq, row_id = row_of(journal, decision, KEPT)
    journal.erase(row_id, reason)
    typer.echo(f"row {seq} was erased")


@app.command()
def hold(decision: Named, reason: Reason) -> None:
    """Write that a decision must be kept, whatever its age: it is not erased until it is released."""
    from metspine.journal import retention

    _written(retention.hold(opened(), decision, reason))


@app.command()
def release(decision: Named, reason: Reason) -> None:
    """Write that a decision that was held may be erased again."""
    from metspine.journal import retention

    _written(retention.release(opened(), decision, reason))


@app.command()
def expire(
    before: Annotated[
        str,
        typer.Option("--before", metavar="DAY", callback=_day, help="The first day that is kept, YYYY-MM-DD (UTC)."),
    ],
    reason: Reason,
    retention: Annotated[
        str,
        typer.Option(
            "--class", metavar="NAME", help="Only those written with METSPINE_RETENTION=NAME; else those without."
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many, and erase none.")] = False,
) -> None:
    """Erase what is past its time, class by class; what is held stays."""
    from metspine.journal.pages import decided
    from metspine.journal.retention import expire as erased
    from metspine.journal.retention import expired

    journal = opened()
    if dry_run:
        typer.echo(f"{decided(len(expired(journal, before, retention)))} would be erased")
        return
    typer.echo(f"{decided(erased(journal, before, reason, retention))} erased")


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


def _wrote(output: Path | None, page: "Callable[[], str]") -> bool:
    """Write a page where one is asked for, and tell whether it was."""
    if output is None:
        return False
    if output.suffix.lower() != ".html":
        fail(f"{output}: a page is written as .html; give the file this ending")
    write(output, page())
    return True


def _written(entry: "WrittenRow") -> None:
    typer.echo(f"row {entry.seq}, {entry.id}")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file}: cannot be read: {error.strerror or error}; check the path")


def _print_json(found: "Iterable[BaseModel]") -> None:
    import json

    typer.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2, ensure_ascii=False))
