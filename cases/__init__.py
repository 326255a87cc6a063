"""Patients: what a case is, how one is read, and the library of worked ones."""

from cases.model import Case, Lesion
from cases.reader import case_of, read_case

__all__ = ["Case", "Lesion", "case_of", "read_case"]
