"""`python -m pika PICTURE`: animate one picture from a shell. `docs/client.md` is its manual."""

import sys

from pika.cli.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
