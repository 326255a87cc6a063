"""Makes the enumeration beside it and the toys of the symbolic tests importable here."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "symbolic"))
