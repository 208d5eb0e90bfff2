"""`python -m watchbill` is `watchbill`."""

from watchbill.cli import main

if __name__ == "__main__":
    main()
