"""Draw the pictures of the documentation into docs/pictures: `make pictures`.

With `--check` nothing is written, and a picture that differs from its file is named.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "pictures"))

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

from scenes import SCENES  # the folders of the script's own modules and of the examples are on the path from here on

from dynamorm_py._model.diagram import svg

_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"


def drawn() -> dict[str, str]:
    """Return each picture's file name and text; the shop's is what `dynamorm table diagram` draws."""
    scenes = {f"{scene.__name__.replace('_', '-')}.svg": scene().svg() for scene in SCENES}
    shop: Any = import_module("single_table_shop")
    together, _ = shop.open_shop().__dynamorm_several__
    return {**scenes, "shop.svg": svg(together.name, together.tables)}


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
