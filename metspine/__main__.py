"""`python -m metspine` is `metspine`."""

from metspine.cli.app import main

main()
