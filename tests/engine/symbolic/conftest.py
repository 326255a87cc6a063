"""Lets the tests of the symbolic reading find one another's helpers."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # behind tests/engine, whose conftest others import by name
