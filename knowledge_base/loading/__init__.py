"""From a folder of YAML to a knowledge base: read, look up every name, put in strata, keep for the next time."""
