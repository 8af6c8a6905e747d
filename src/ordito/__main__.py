"""`python -m ordito` is the command line."""

from ordito.cli.main import main

# Not when a process of `ordito serve` looks at it, to find what it was started with.
if __name__ == "__main__":
    main()
