"""`python -m ordito` is the command line."""

from ordito.cli.main import main

main()
