"""How long the first piece of advice takes from a cold start, beside what its libraries take to import: `make bench`."""

import statistics
import subprocess
import sys
import time

from metspine.library import LIBRARY

REPEATS = 5
LIBRARIES = "import networkx, pydantic, rich.console, typer; import ruamel.yaml"


def seconds(*arguments: str) -> float:
    """Return the median time of a fresh interpreter with these arguments."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    bare = seconds("-c", "pass")
    libraries = seconds("-c", LIBRARIES)
    advice = seconds("-m", "metspine", "advise", str(LIBRARY / "noms-n9.yaml"))
    print(f"a bare interpreter        {1000 * bare:7.0f} ms")
    print(f"the libraries imported    {1000 * libraries:7.0f} ms")
    print(f"metspine advise CASE      {1000 * advice:7.0f} ms   {advice / libraries:.1f} times its libraries")


if __name__ == "__main__":
    main()
