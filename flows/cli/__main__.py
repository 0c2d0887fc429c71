"""`python -m flows.cli` does what `cultivar` does."""

from flows.cli import main

main()
