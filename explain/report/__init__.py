"""Reports in plain words, one builder each."""
