"""The graph of a run, views of it, and its drawings."""
