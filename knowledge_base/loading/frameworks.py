"""Where knowledge is kept: the frameworks that come with metspine, and the files that one may take from another."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from knowledge_base.language.knowledge import Framework
from knowledge_base.text.errors import Invalid, Position, Problem, listed, suggestion
from knowledge_base.text.strict_yaml import Document

HOME = Path(__file__).parents[1]
BUNDLED = ".bundled"  # lies beside frameworks that were unpacked together: what one extends is the one beside it
DEFAULT = HOME / "noms"
FRAMEWORK = "framework.yaml"
FILES = (
    FRAMEWORK,
    "sources.yaml",
    "pathways.yaml",
    "measures.yaml",
    "vocabulary/*.yaml",
    "scores/*.yaml",
    "rules/*.yaml",
)
OPTIONAL = ("synonyms/*.yaml", "disputes.yaml", "treatments.yaml", "hazards.yaml")
UPSTREAM = "upstream.yaml"
RELEASED = "released.yaml"
CASES = "cases/*.yaml"  # of an overlay: its own patients
BESIDE = ("accepted_findings.yaml", UPSTREAM, RELEASED)  # lies in the folder and is no knowledge


@dataclass(frozen=True, order=True)
class File:
    """A file of knowledge: its name in messages, its place in its own folder (`rules/options.yaml`), and its path."""

    name: str
    place: str
    path: Path


def frameworks(home: Path = HOME) -> list[str]:
    """Return the names of the knowledge bases that come with metspine, the default first."""
    names = (path.parent.name for path in home.glob(f"*/{FRAMEWORK}"))
    return sorted(names, key=lambda name: (name != DEFAULT.name, name))


def folder_of(which: str | Path | None) -> Path:
    """Return the folder of a knowledge base: by name, by path, or the default one; raise `Invalid` for neither."""
    if which is None:
        return DEFAULT
    known = frameworks()
    if str(which) in known:
        return HOME / str(which)
    if isinstance(which, Path) or Path(which).is_dir():
        return Path(which)
    message = f"is neither a folder nor a knowledge base of that name ({listed(known)}){suggestion(which, known)}"
    raise Invalid.at(which, message)


def is_own(position: Position) -> bool:
    """Tell whether something stands in a framework's own folder, not in a file that it takes from a neighbour."""
    return not position.file.startswith("../")


def own_files(folder: Path, pattern: str) -> list[File]:
    """Return the files of a folder that a pattern names; a name without `*` is returned even if nothing is there."""
    if "*" not in pattern:
        return [File(pattern, pattern, folder / pattern)]
    return [File(place, place, folder / place) for place in _places(folder, pattern)]


def included_files(folder: Path, framework: Framework, document: Document, problems: list[Problem]) -> list[File]:
    """Return the files that a framework takes from its neighbours; report what cannot be taken."""
    found: set[File] = set()
    for i, include in enumerate(framework.include):
        source = folder.parent / include.from_
        known = [name for name in frameworks(folder.parent) if name != folder.name]
        if include.from_ not in known:
            message = f"{include.from_!r} is not a knowledge base beside this one ({listed(known) or 'there is none'})"
            place = document.position(("include", i, "from"))
            problems.append(Problem(place, framework.id, message + suggestion(include.from_, known)))
            continue
        for j, pattern in enumerate(include.files):
            places = list(_includable(source, pattern))
            if not places:
                message = f"{pattern!r} names no file of {include.from_} that can be taken over; check the name"
                problems.append(Problem(document.position(("include", i, "files", j)), framework.id, message))
            found |= {File(f"../{include.from_}/{place}", place, source / place) for place in places}
    return sorted(found)


def all_files(folder: Path, framework: Framework, document: Document, problems: list[Problem]) -> list[File]:
    """Return every file of a framework, as one that extends it takes them: its own, and those of its neighbours."""
    own = (place for known in (*FILES[1:], *OPTIONAL) for place in _places(folder, known))
    found = {File(f"../{folder.name}/{place}", place, folder / place) for place in own}
    return sorted({*found, *included_files(folder, framework, document, problems)})


def _includable(folder: Path, pattern: str) -> Iterator[str]:
    for place in (place for known in (*FILES[1:], *OPTIONAL) for place in _places(folder, known)):
        if fnmatchcase(place, pattern):
            yield place


def _places(folder: Path, pattern: str) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern))
