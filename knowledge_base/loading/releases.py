"""Which versions of a knowledge base were released, with the digest of each; the file lies beside the knowledge."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.frameworks import RELEASED
from knowledge_base.text.errors import Invalid, Problem
from knowledge_base.text.strict_yaml import read_file

HEAD = "# Versions that were released, and the digest of each; written by `metspine check --release`.\n"
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def releases(folder: Path) -> Mapping[str, str]:
    """Return the digest of each version that was released; raise `Invalid` when the file cannot be read."""
    if not (folder / RELEASED).exists():
        return {}
    document = read_file(folder / RELEASED, RELEASED)
    try:
        return TypeAdapter(dict[Version, Digest]).validate_python(document.data)
    except ValidationError:
        raise Invalid.at(RELEASED, "holds something else than a digest for each version") from None


def taken_version(base: KnowledgeBase, folder: Path) -> Problem | None:
    """Return that the version of a knowledge base is one that was released with other rules; None when it is not."""
    version = base.framework.version
    if releases(folder).get(version, base.digest) == base.digest:
        return None
    return Problem(
        base.framework.position, "version", f"{version} was released with other rules; give it a higher number"
    )


def with_release(base: KnowledgeBase, folder: Path) -> str:
    """Return the text of the file once the version at hand is released."""
    found = {**releases(folder), base.framework.version: base.digest}
    return HEAD + "".join(f"{version}: {digest}\n" for version, digest in found.items())
