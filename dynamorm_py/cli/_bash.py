"""Completion in bash, which splits words at colons: `shop:Or` comes as three words, and only the last is replaced.

bash-completion has a function that joins such words for a script; typer's script does not call it.
"""

from __future__ import annotations

import io
import itertools
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from dynamorm_py.cli._output import say

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

ASKED = ("_DYNAMORM_COMPLETE", "complete_bash")  # the variable and the value that typer's script sets


def complete(answer: Callable[[], object], environment: MutableMapping[str, str]) -> None:
    """Let `answer` print the completions of the joined words, and print each without what bash keeps in front of it."""
    words = environment["COMP_WORDS"].split("\n")[: int(environment["COMP_CWORD"]) + 1]
    begun = _joined(words)
    typed = begun[-1][: begun[-1].rfind(":") + 1] if begun[-1] != words[-1] else ""
    environment["COMP_WORDS"] = "\n".join(begun)
    environment["COMP_CWORD"] = str(int(environment["COMP_CWORD"]) - len(words) + len(begun))
    answers = io.StringIO()
    try:
        with redirect_stdout(answers):
            answer()
    finally:
        for line in answers.getvalue().splitlines():
            say(line.removeprefix(typed))


def _joined(words: list[str]) -> list[str]:
    """Join the words on both sides of a colon."""
    joined = words[:1]
    for before, word in itertools.pairwise(words):
        if word == ":" or before == ":":
            joined[-1] += word
        else:
            joined.append(word)
    return joined
