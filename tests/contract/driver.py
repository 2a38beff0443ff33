"""Performs the ops of a scenario in this process, through the public words. Knows no expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from dynamorm_py import BatchIncomplete, ConditionFailed, DynamormError, TransactionCancelled
from tests.contract.expectations import Outcome
from tests.contract.library import key_of_left, written
from tests.contract.python_ops import OPS

if TYPE_CHECKING:
    from tests.contract.library import Library
    from tests.contract.scenarios import Step


class InProcess:
    """Drives the package in this process."""

    def __init__(self, library: Library) -> None:
        """Perform steps through these repositories."""
        self._library = library

    def perform(self, step: Step) -> Outcome:
        """Do what the op says. Raises for an op or an argument that no scenario may have."""
        perform = OPS[step.op]
        try:
            repo = self._library.repo(step.model, step.encryption)
            return perform(self._library, repo, **step.arguments)
        except DynamormError as error:
            return refusal(error)


def refusal(error: DynamormError) -> Outcome:
    """Return what a refusal says: the portable code, or the error's name, and what the error carries."""
    more: dict[str, Any] = {}
    if isinstance(error, TransactionCancelled):
        more["reasons"] = [{"code": reason.code, "item": written(reason.item)} for reason in error.reasons]
    if isinstance(error, BatchIncomplete):
        more["left"] = [key_of_left(left) for left in error.left]
        more["items"] = [written(item) for item in error.done if isinstance(item, BaseModel)]
    item = written(error.item) if isinstance(error, ConditionFailed) else None
    return Outcome(error.code or type(error).__name__, item, more, str(error))
