"""`python -m vitascope`: the same as the `vitascope` command."""

from vitascope.cli import main

if __name__ == "__main__":
    main()
