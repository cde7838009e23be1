"""zerorpc's command line, given back what it calls and Python 3.10 has moved: ``zerorpc_command.py arguments``."""

import collections
import collections.abc

from zerorpc.cli import main

if __name__ == "__main__":
    collections.Iterator = collections.abc.Iterator
    raise SystemExit(main())
