"""Explained decision support for metastatic spinal tumours; it advises a team and decides nothing.

`load` reads a knowledge base, `advise` says what it advises for a patient, `explain` why, and why not something else;
`replay` repeats advice that was stored, `cohort` advises on a whole registry. These and what they return are the public
interface; docs/api.md shows each.
They are imported when first used, so that `import metspine` itself costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge_base.text.errors import Invalid as Invalid
    from metspine.api import Answer as Answer
    from metspine.api import Explanation as Explanation
    from metspine.api import Unknown as Unknown
    from metspine.api import advise as advise
    from metspine.api import cohort as cohort
    from metspine.api import explain as explain
    from metspine.api import load as load
    from metspine.api import replay as replay

__all__ = ["Answer", "Explanation", "Invalid", "Unknown", "advise", "cohort", "explain", "load", "replay"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Return a public name, importing what it needs only now."""
        if name not in __all__:
            raise AttributeError(f"module 'metspine' has no attribute {name!r}; it has {', '.join(__all__)}")
        from metspine import api

        return getattr(api, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
