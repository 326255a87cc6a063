"""`python -m metspine` is `metspine`."""

from metspine.cli import main

main()
