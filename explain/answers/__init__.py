"""Answers about a run as records: why, why not, arguments, differences, provenance."""
