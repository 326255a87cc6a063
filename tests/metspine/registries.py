"""Small registries made of cases, as CSV, NDJSON and Parquet, and what was written about them."""

import csv
import json

from cases.writing import case_data


def rows_of(cases, knowledge):
    """Return a row for each lesion, as a registry would hold it; nested groups become `group.key`."""
    rows = []
    for case in cases:
        data = case_data(case, knowledge)
        for lesion in data["lesions"]:
            row = {"patient": data["case"], "lesion": lesion["id"], "hospital": f"H{len(rows) % 3}"}
            row |= {"date": data["date"]} if "date" in data else {}
            for said in (data["patient"], {k: v for k, v in lesion.items() if k != "id"}):
                for name, value in said.items():
                    row |= {f"{name}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {name: value}
            rows.append(row)
    return rows


def text_of(value):
    if isinstance(value, list):
        return " or ".join(map(text_of, value)) if len(value) < 8 else "; ".join(map(text_of, value))
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def write(path, rows):
    """Write rows by the ending of a file, and return the file."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as stream:
            out = csv.writer(stream)
            out.writerow(names)
            out.writerows([text_of(row.get(name)) for name in names] for row in rows)
    elif path.suffix == ".parquet":
        import pyarrow
        from pyarrow import parquet

        cells = {n: [None if n not in row else text_of(row[n]) for row in rows] for n in names}
        parquet.write_table(pyarrow.table(cells), path, row_group_size=3)
    else:
        path.write_text("".join(json.dumps(row, default=float) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path):
    """Return the rows that were written about a registry, every cell as text."""
    from metspine.registry.tables import read_rows

    def text(cell):
        return "; ".join(map(str, cell)) if isinstance(cell, list) else "" if cell is None else str(cell)

    return [{name: text(cell) for name, cell in row.items()} for row in read_rows(path)]
