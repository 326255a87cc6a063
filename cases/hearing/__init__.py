"""One ear for what people type: case files, values given beside a case, answers in a consultation, plain data.

Everyday words, other names of keys, numbers with a unit or a size that tells it, times and doses become what a case
file writes in the words of the vocabulary. What may mean two things is refused with its readings, never guessed.
"""

from cases.hearing.answers import NOT_KNOWN, hear, hear_answer, hear_phrase, implied
from cases.hearing.documents import hear_document
from cases.hearing.keys import attribute_called, attributes_called
from cases.hearing.meaning import NOT_UNDERSTOOD, Heard, Meaning, says_none, spoken

__all__ = [
    "NOT_KNOWN",
    "NOT_UNDERSTOOD",
    "Heard",
    "Meaning",
    "attribute_called",
    "attributes_called",
    "hear",
    "hear_answer",
    "hear_document",
    "hear_phrase",
    "implied",
    "says_none",
    "spoken",
]
