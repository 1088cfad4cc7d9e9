"""`python -m autoae` is the `autoae` command."""

from autoae.cli.main import main

main()
