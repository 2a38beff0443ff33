"""`Repo`: the operations of one model in one table.

The only place where a model, a table, a client and a clock meet: `connection` checks them and holds
them together, `reading` and `writing` perform plans over them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dynamorm_py._kernel.public import public
from dynamorm_py._model import DynamoModel
from dynamorm_py._repo.connection import checked_table_name
from dynamorm_py._repo.reading import Reading
from dynamorm_py._repo.writing import Writing

if TYPE_CHECKING:
    from dynamorm_py.tables import TableOperations

__all__ = ["Repo", "checked_table_name"]

M = TypeVar("M", bound=DynamoModel)


@public()
class Repo(Reading[M], Writing[M]):
    """Reads and writes items of one model in one table.

    * `table` names the table, by default the model's.
    * `client` is a boto3 DynamoDB client; by default one is made when it is first needed, from the environment as
      boto3 does.
    * `encryption` encrypts the fields marked `Encrypted()`; a model that has some is refused without it.
    * `clock` gives the time of lifecycle fields, an aware datetime; by default the system's.
    * `cursor_secret` signs the cursors of queries and scans, so that one altered or used with another query is refused.
    * `hide_expired` leaves out of reads what has expired and DynamoDB has not deleted yet.
    * `validation_context` is what the model's validators get as `info.context`, in reads and in writes.

    A repository holds no state: use one from as many threads as you like.

    Raises ModelDefinitionError, CallError, EncryptionNotConfigured when it is made.
    """

    __slots__ = ()

    @property
    def table(self) -> TableOperations[M]:
        """The operations of the table itself: create, ensure, compare, describe, delete, and its exports."""
        from dynamorm_py.tables import TableOperations  # noqa: PLC0415 -- a service seldom asks for it at its start

        return TableOperations(self._shared, self._client)
