"""The journal: every decision as it was given, in a chain that nobody can change without its being seen.

`offline` verifies it with the standard library alone and is shipped with every export; `store` writes, `checkpoints` signs;
`verification`, `queries` and `recall` read. docs/journal.md describes the format.
"""
