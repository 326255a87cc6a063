"""The front door: the command line, and what it needs beyond knowledge, cases, engine and explanation."""
