"""A registry in parts on two workers of Dask, each a process of its own, comes to the bytes of the whole."""

import io
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet
from registries import rows_of, text_of

from cases import read_case
from metspine.registry.frames import advise_arrow

LIBRARY = Path(__file__).parents[2] / "cases" / "library"
CASES = ("noms-n9", "noms-n7", "two-lesions", "noms-n2")
PARTS = 4


def parquet_of(table: pyarrow.Table) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table.combine_chunks(), out)
    return out.getvalue()


@pytest.fixture(scope="module")
def parts(knowledge):
    """Whole patients in parts: the same ones under other names."""
    rows = rows_of([read_case(LIBRARY / f"{name}.yaml", knowledge) for name in CASES], knowledge)
    many = [[row | {"patient": f"{i}-{row['patient']}"} for row in rows] for i in range(PARTS)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [pyarrow.table({n: [text_of(row.get(n)) or None for row in part] for n in names}) for part in many]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # those of Dask are its own
def test_parts_on_two_workers_of_dask_are_the_whole(parts):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        futures = client.map(advise_arrow, parts)
        found = client.gather(futures)
        who = {worker for workers in client.who_has(futures).values() for worker in workers}
    assert len(who) == 2
    assert parquet_of(pyarrow.concat_tables(found)) == parquet_of(advise_arrow(pyarrow.concat_tables(parts)))
