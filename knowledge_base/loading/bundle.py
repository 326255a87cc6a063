"""A knowledge base as one file: its YAML files as they are written, so that it can be kept and used for years.

Reading it back is reading the files: every name is resolved and the digest is worked out anew.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledge_base.canonical_json import canonical
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.cache import load_folder
from knowledge_base.loading.frameworks import BESIDE, BUNDLED, HOME
from knowledge_base.loading.overlays import extended_folder
from knowledge_base.text.errors import Invalid
from knowledge_base.text.strict_yaml import content_of

SCHEMA = "metspine.knowledge/1"
MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Bundle:
    """The files of a framework and of the neighbours that it takes from, by `FRAMEWORK/PLACE`."""

    id: str
    digest: str
    files: dict[str, str]

    @classmethod
    def of(cls, knowledge: KnowledgeBase) -> "Bundle":
        """Return the files of a knowledge base, from where it was read; raise `Invalid` when they are there no more."""
        home = knowledge.origin or HOME / knowledge.framework.id
        if home.is_file():
            return cls.read(content_of(home, str(home), "JSON", MAX_BYTES), str(home))
        if not home.is_dir():
            raise Invalid.at(home, "is there no more; the knowledge was read from it")
        neighbours = [home.parent / include.from_ for include in knowledge.framework.include]
        if knowledge.framework.extends is not None and (base := extended_folder(home, knowledge.framework.extends)):
            below = load_folder(base).framework
            neighbours += [base, *(base.parent / include.from_ for include in below.include)]
        files = {
            f"{one.name}/{path.relative_to(one).as_posix()}": path.read_text(encoding="utf-8")
            for one in (home, *neighbours)
            for path in sorted(one.rglob("*.yaml"))
            if path.name not in BESIDE
        }
        return cls(home.name, knowledge.digest, files)

    def content(self) -> bytes:
        """Return it as canonical JSON."""
        return canonical({"schema": SCHEMA, "id": self.id, "digest": self.digest, "files": self.files})

    @classmethod
    def read(cls, content: bytes, name: str) -> "Bundle":
        """Return what is in a file; raise `Invalid` when it is no bundle."""
        try:
            data = json.loads(content)
            if data["schema"] != SCHEMA:
                raise ValueError
            files = {str(place): str(text) for place, text in data["files"].items()}
            return cls(str(data["id"]), str(data["digest"]), files)
        except (ValueError, KeyError, TypeError, AttributeError):
            message = f"is not knowledge of the format {SCHEMA}; `metspine knowledge --export FILE` writes it"
            raise Invalid.at(name, message) from None

    def load(self, name: str) -> KnowledgeBase:
        """Return the knowledge; raise `Invalid` when it cannot be read, or is not that of its digest."""
        from knowledge_base.loading.loader import read_knowledge

        with TemporaryDirectory(prefix="metspine-") as folder:
            for place, text in self.files.items():
                path = Path(folder, place)
                if not path.resolve().is_relative_to(Path(folder).resolve()) or path.suffix != ".yaml":
                    raise Invalid.at(name, f"{place!r} is no file of knowledge")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            Path(folder, self.id).mkdir(exist_ok=True)
            Path(folder, BUNDLED).touch()
            knowledge = read_knowledge(Path(folder, self.id))
        if knowledge.digest != self.digest:
            message = f"holds knowledge with the digest {knowledge.digest}, not {self.digest}: it was altered"
            raise Invalid.at(name, message)
        return knowledge


def read_bundle(path: Path) -> KnowledgeBase:
    """Return the knowledge in a file that `metspine knowledge --export` wrote; raise `Invalid` when it is not."""
    knowledge = Bundle.read(content_of(path, str(path), "JSON", MAX_BYTES), str(path)).load(str(path))
    return replace(knowledge, origin=path)
