"""Whole registries: a table of patients in, a table of advice out, checked against Experta on the way."""
