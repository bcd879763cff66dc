"""`python -m nebula`, the same as the `nebula` command."""

from nebula.cli import main

if __name__ == "__main__":
    main()
