"""Hold the laws over very many classes: `make soak ARGS="--classes 20000 --seed 1"`.

Outside of CI. A broken law does not stop the run: each is counted, and told once with the class that broke it.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.laws.checks import Broken, Figures, check_class, check_values
from tests.laws.models import EVERY, Drawn, drawn_models

_BATCH = 250  # classes, which are freed then: they hold one another in circles
_NEXT_SEED = 1_000_003  # so that runs with seeds of the user draw no batch alike


@dataclass
class Faults:
    """The laws that broke: how often each, and the first class that broke it."""

    counts: Counter[str] = field(default_factory=Counter[str])
    first: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, error: Exception, drawn: Drawn) -> None:
        kind = signature(error)
        self.counts[kind] += 1
        self.first.setdefault(kind, f"{drawn!r}\n{''.join(traceback.format_exception(error, limit=-6))}")


def signature(error: Exception) -> str:
    """Return what tells one fault from another: the law, or the error with the line of ours that raised it."""
    if isinstance(error, Broken):
        cause = f" ({type(error.__cause__).__name__}: {error.__cause__})" if error.__cause__ is not None else ""
        return f"{error.args[0]}{cause}"[:300]
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "dynamorm_py" in f.filename]
    where = f"{frames[-1].filename.rpartition('dynamorm_py/')[2]}:{frames[-1].lineno}" if frames else "the tests"
    return f"{type(error).__name__} at {where}"


def soak(classes: int, start: int, values: int, limit: float) -> tuple[Figures, Faults, float]:
    """Draw so many classes, with values of each, or as many as the time allows."""
    figures, faults, began = Figures(), Faults(), time.monotonic()
    while figures.classes < classes and time.monotonic() - began < limit:
        _run(min(_BATCH, classes - figures.classes), start, values, figures, faults)
        start += _NEXT_SEED
        gc.collect()
    return figures, faults, time.monotonic() - began


def _run(classes: int, start: int, values: int, figures: Figures, faults: Faults) -> None:
    @seed(start)
    @settings(
        max_examples=classes,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=EVERY,
    )
    @given(drawn_models(), st.data())
    def run(drawn: Drawn, data: st.DataObject) -> None:
        try:
            if check_class(drawn, figures):
                for _ in range(values):
                    check_values(
                        drawn,
                        data.draw(drawn.contents),
                        data.draw(drawn.contents),
                        figures,
                    )
        except Exception as error:
            if type(error).__module__.startswith("hypothesis"):
                raise
            faults.add(error, drawn)

    run()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--classes", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--values", type=int, default=3, help="values of each class")
    parser.add_argument(
        "--reasons",
        action="store_true",
        help="print why classes and values were refused",
    )
    parser.add_argument("--quiet", action="store_true", help="print no class that broke a law")
    return parser.parse_args()


def main() -> int:
    """Run, print the figures and the faults; the exit status says whether there were faults."""
    arguments = _arguments()
    warnings.simplefilter("ignore")
    figures, faults, seconds = soak(arguments.classes, arguments.seed, arguments.values, arguments.seconds)
    say = sys.stdout.write
    say(
        f"seed {arguments.seed}: {figures.classes} classes ({figures.refused} refused, {figures.by_pydantic} of "
        f"them by pydantic), {figures.values} values ({figures.values_refused} refused, {figures.sure_to_read} "
        f"of models sure to read them), {figures.calls} calls "
        f"({figures.updates_refused} updates refused), {seconds:.0f} s, {faults.counts.total()} faults\n"
    )
    for kind, count in faults.counts.most_common():
        say(f"{count} times: {kind}\n")
        if not arguments.quiet:
            say(f"{faults.first[kind]}\n")
    if arguments.reasons:
        for reason, count in figures.reasons.most_common():
            say(f"refused {count} times: {reason}\n")
    return 1 if faults.counts else 0


if __name__ == "__main__":
    sys.exit(main())
