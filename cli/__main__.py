"""`python -m cli` does what `cultivar` does."""

from cli import main

main()
