"""`metspine mutate`: which slips in the rules no worked patient would notice, and a patient who would notice each."""

from typing import Annotated

import typer

from metspine.cli.options import CORES, Jobs, KnowledgeFolder, fail, load_base, progress, write


def mutate(
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule or score; repeatable.")
    ] = None,
    jobs: Jobs = CORES,
    write_cases: Annotated[
        bool, typer.Option("--write-cases", help="Put the patients who would notice among the witnesses.")
    ] = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Try slips in the rules (a line dropped, a threshold moved by one, a stance turned) on the worked patients."""
    from engine.verification.mutation import mutation
    from explain.report.mutation import lines, summary
    from knowledge_base.language.rules import gone
    from knowledge_base.loading.frameworks import folder_of
    from metspine import checking
    from metspine.approved import WITNESSES, read_witnesses, witness_lines

    base = load_base(knowledge)
    units = [unit for name, unit in base.units.items() if not rule or {name, name.split("/")[0]} & set(rule)]
    if not units:
        known = (
            "; ".join(filter(None, (gone(name, base.retired) for name in rule or ())))
            or "`metspine knowledge` lists them"
        )
        fail(f"--rule: no rule or score is {' or '.join(rule or ())}; {known}")
    places = checking.places_of(checking.own_folder(base, folder_of(knowledge)))
    cases = [case for place in places for case in checking.everyone_in(place, base)]
    try:
        found = mutation(base, units, cases, jobs, lambda items, count: progress(items, "trying", count))
    except ValueError as error:
        fail(f"mutate: {error}")
    for line in (*lines(found, base), summary(found)):
        typer.echo(line)
    if write_cases and found.witnesses:
        file = places[-1] / WITNESSES
        kept = file.read_text(encoding="utf-8") if file.exists() else ""
        new = witness_lines(found.witnesses, read_witnesses(places[-1], base), base)
        write(file, kept + "".join(f"{line}\n" for line in new))
        typer.echo("`metspine approve` agrees to what is advised for them", err=True)
