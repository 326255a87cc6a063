"""A knowledge base laid over another: a hospital's own policy that still gets what changes upstream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from knowledge_base.language.entries import Label
from knowledge_base.language.rules import RuleText, Strict


@dataclass(frozen=True)
class Overlay:
    """What an overlay has made of what it extends.

    `replaced` has, for each rule that is replaced, the rule that stands for it; `upstream` each rule that is replaced or
    left out as it stands upstream today.
    """

    extends: str
    replaced: Mapping[str, str]
    upstream: Mapping[str, RuleText]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The rules that are left out and that nothing stands for."""
        return tuple(name for name in self.upstream if name not in self.replaced)


class Upstream(Strict):
    """A rule as it stood upstream when an overlay replaced it or left it out."""

    version: Label = Field(description="the digest of the rule")
    rule: dict[str, Any] = Field(description="the rule as it stood")
