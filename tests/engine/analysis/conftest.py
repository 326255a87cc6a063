"""Lets the tests of the analyses find one another's helpers, and those of the symbolic reading."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "symbolic"))
