"""Reading a knowledge base that is laid over another: its files, what it takes out, and what has changed upstream.

`upstream.yaml` in the folder of an overlay says how each rule stood that it replaces or leaves out. It is no knowledge:
advice is the same with and without it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from knowledge_base.canonical_json import digest
from knowledge_base.language.hazards import HazardText
from knowledge_base.language.knowledge import Framework, KnowledgeBase
from knowledge_base.language.overlay import Overlay, Upstream
from knowledge_base.language.rules import RuleText
from knowledge_base.loading.frameworks import BUNDLED, FRAMEWORK, HOME, UPSTREAM, File, all_files, frameworks
from knowledge_base.loading.validation_messages import read_entry
from knowledge_base.text.errors import Invalid, Problem, listed, suggestion
from knowledge_base.text.strict_yaml import Document, read_file


def extended_files(folder: Path, framework: Framework, document: Document, problems: list[Problem]) -> list[File]:
    """Return the files of what a framework extends, with those that it takes from neighbours; report what is wrong."""
    if framework.extends is None:
        return []
    base = extended_folder(folder, framework.extends)
    if base is None or base.resolve() == folder.resolve():
        known = frameworks()
        message = (
            f"{framework.extends!r} is neither a knowledge base that comes with metspine ({listed(known)}) nor a folder"
        )
        hint = suggestion(framework.extends, known)
        problems.append(Problem(document.position(("extends",)), framework.id, f"{message} seen from here{hint}"))
        return []
    name = f"../{base.name}/{FRAMEWORK}"
    try:
        below = read_file(base / FRAMEWORK, name)
    except Invalid as invalid:
        problems.extend(invalid.problems)
        return []
    found = read_entry(below, below.data, (), Framework, problems)
    if found is None:
        return []
    if found.extends is not None:
        message = f"{framework.extends} extends {found.extends} itself; extend what stands alone"
        problems.append(Problem(document.position(("extends",)), framework.id, message))
        return []
    return all_files(base, found, below, problems)


def extended_folder(folder: Path, extends: str) -> Path | None:
    """Return the folder that an overlay in a folder names with `extends`; None when there is none such."""
    if (folder.parent / BUNDLED).exists():
        return folder.parent / Path(extends).name
    if extends in frameworks():
        return HOME / extends
    beside = folder / extends
    return beside if (beside / FRAMEWORK).is_file() else None


def laid_over(
    framework: Framework, document: Document, texts: Mapping[str, RuleText], problems: list[Problem]
) -> tuple[Mapping[str, RuleText], Overlay | None]:
    """Return the rules that are left when an overlay has replaced some and left out others, and what it did."""
    replaced: dict[str, str] = {}
    for text in texts.values():
        if text.replaces is None:
            continue
        if framework.extends is None:
            message = "`replaces` is for a framework that `extends` another; a rule that is superseded is retired"
            problems.append(Problem(text.position, text.id, f"{message}, with `replaced_by`"))
        elif text.replaces in replaced:
            message = f"{text.replaces} is replaced by {replaced[text.replaces]} already; one rule stands for it"
            problems.append(Problem(text.position, text.id, message))
        elif _is_upstream(text.replaces, texts):
            replaced[text.replaces] = text.id
        else:
            message = f"replaces {text.replaces!r}, which is no rule of {framework.extends}"
            problems.append(Problem(text.position, text.id, message + suggestion(text.replaces, texts)))
    gone = set(replaced)
    for i, name in enumerate(framework.without):
        if _is_upstream(name, texts):
            gone.add(name)
        else:
            message = f"{name!r} is no rule of {framework.extends or 'a framework that this one extends'}"
            place = document.position(("without", i))
            problems.append(Problem(place, framework.id, message + suggestion(name, texts)))
    if framework.extends is None:
        return texts, None
    left = {name: text for name, text in texts.items() if name not in gone}
    return left, Overlay(framework.extends, dict(sorted(replaced.items())), {n: texts[n] for n in sorted(gone)})


def _is_upstream(name: str, texts: Mapping[str, RuleText]) -> bool:
    return name in texts and texts[name].position.file.startswith("../")


def with_new_names(hazard: HazardText, overlay: Overlay, problems: list[Problem]) -> HazardText:
    """Return a hazard in which each rule that is replaced is named by the one that stands for it; report what is unguarded.

    Rules that are left out control nothing here.
    """
    data = {name: getattr(hazard, name) for name in hazard.model_fields_set}
    data["control"] = [name for name in hazard.control if name not in overlay.left_out]
    if not data["control"]:
        message = f"nothing is left that controls it, because {listed(hazard.control)} is left out; replace it instead"
        problems.append(Problem(hazard.position, hazard.id, message))
        return hazard
    for key in ("control", "when", "never", "always"):
        if key in data:
            data[key] = _renamed(data[key], overlay.replaced)
    return HazardText.model_validate({**data, "position": hazard.position})


def _renamed(raw: Any, names: Mapping[str, str]) -> Any:
    if isinstance(raw, dict):
        return {key: _renamed(value, names) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_renamed(value, names) for value in raw]
    return names.get(raw, raw) if isinstance(raw, str) else raw


# --- what has changed upstream -------------------------------------------------------------------------------------


def kept_upstream(folder: Path) -> Mapping[str, Upstream]:
    """Return what the folder of an overlay says of how rules stood; raise `Invalid` when it cannot be read."""
    path = folder / UPSTREAM
    if not path.exists():
        return {}
    document = read_file(path, UPSTREAM)
    try:
        return TypeAdapter(dict[str, Upstream]).validate_python(document.data)
    except ValidationError:
        message = "is not as `metspine overlay --accept` writes it; write it anew"
        raise Invalid.at(UPSTREAM, message) from None


def as_kept(text: RuleText) -> Upstream:
    """Return a rule as `upstream.yaml` holds it."""
    rule = text.model_dump(mode="json", exclude_unset=True, by_alias=True)
    return Upstream(version=digest(text)[:12], rule=rule)


def changed_upstream(
    knowledge: KnowledgeBase, kept: Mapping[str, Upstream]
) -> Iterator[tuple[str, Upstream | None, Upstream]]:
    """Yield (rule, as it stood, as it stands) of each that is replaced or left out and has changed; None: never kept."""
    if knowledge.overlay is None:
        return
    for name, text in knowledge.overlay.upstream.items():
        now = as_kept(text)
        if name not in kept or kept[name].version != now.version:
            yield name, kept.get(name), now
