"""Reading which findings of a verification are accepted; the file lies beside the knowledge and is not part of it."""

from collections.abc import Mapping
from pathlib import Path

from knowledge_base.language.acceptance import Acceptance
from knowledge_base.loading.frameworks import BESIDE
from knowledge_base.loading.validation_messages import index, read_entries
from knowledge_base.text.errors import Invalid, Problem
from knowledge_base.text.strict_yaml import read_file


def read_acceptances(folder: Path) -> Mapping[str, Acceptance]:
    """Return what is accepted of the knowledge in a folder, by id; raise `Invalid` with everything wrong in the file."""
    name = BESIDE[0]
    if not (folder / name).exists():
        return {}
    problems: list[Problem] = []
    found = index(read_entries(read_file(folder / name, name), Acceptance, problems), "acceptance", problems)
    if problems:
        raise Invalid(problems)
    return found
