"""Draw the pictures of the documentation into docs/pictures: `make pictures`.

With `--check` nothing is written, and a picture that differs from its file is named.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "pictures"))

from scenes import SCENES  # the folder of the script's own modules is on the path from here on

_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"


def drawn() -> dict[str, str]:
    """Return each picture's file name and text."""
    return {f"{scene.__name__.replace('_', '-')}.svg": scene().svg() for scene in SCENES}


def main() -> int:
    """Write the pictures, or compare them with their files."""
    pictures = drawn()
    if "--check" in sys.argv:
        differ = [name for name, text in pictures.items() if (_FOLDER / name).read_text() != text]
        print("\n".join(f"{name} is not as it is drawn: make pictures" for name in differ), end="")
        return 1 if differ else 0
    for name, text in pictures.items():
        (_FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
