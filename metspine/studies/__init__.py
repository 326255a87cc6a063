"""Advice set beside what the sources of published patients did."""
