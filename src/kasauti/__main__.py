"""`python -m kasauti` is the command line."""

from kasauti.cli.main import main

if __name__ == "__main__":
    main()
