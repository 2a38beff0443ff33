"""Build dynoxide, a local DynamoDB, into the cache of the tests, unless it is there: `make dynoxide`."""

from __future__ import annotations

import sys

from dynamorm_py.errors import LocalBackendUnavailable
from dynamorm_py.testing import _dynoxide as dynoxide


def main() -> int:
    """Build it, and print where it is."""
    if dynoxide.built() is None:
        print(f"building dynoxide {dynoxide.VERSION} with cargo: two to five minutes, once", flush=True)
    try:
        print(dynoxide.build())
    except LocalBackendUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
