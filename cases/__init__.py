"""Patients: what a case is, how one is read, and the library of worked ones."""

from cases.model import Case, Lesion
from cases.plain import case_from
from cases.reader import case_of, read_case

__all__ = ["Case", "Lesion", "case_from", "case_of", "read_case"]
