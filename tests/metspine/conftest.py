"""What the tests of the commands share: modules beside them, and random patients from the engine's tests."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "engine")]
