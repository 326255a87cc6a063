"""A consultation that asks one question at a time."""
