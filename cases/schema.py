"""The JSON Schema of a case file, for editors and for programs that write cases.

`python -m cases.schema` writes `schema/case.json` anew; a test says when that is due.
"""

from pathlib import Path
from typing import Any

from cases.model import models
from knowledge_base import KnowledgeBase, load
from knowledge_base.language.knowledge import ByIdentity
from knowledge_base.schema import DIALECT, as_written, schema_text

FILE = Path(__file__).parent / "schema" / "case.json"


def case_schema(knowledge: KnowledgeBase) -> dict[str, Any]:
    """Return the JSON Schema of a case file for the vocabulary of a knowledge base."""
    schema = models(ByIdentity(knowledge)).model_json_schema()
    patient = schema["properties"]["patient"]
    schema["properties"]["patient"] = {
        "description": patient.pop("description"),
        "anyOf": [patient, {"type": "null"}],
    }
    return {"$schema": DIALECT, **as_written(schema), "title": "case"}


def write_schema(file: Path, knowledge: KnowledgeBase) -> None:
    """Write the schema of a case file."""
    file.write_text(schema_text(case_schema(knowledge)), encoding="utf-8")


if __name__ == "__main__":
    write_schema(FILE, load())
