"""The table that the command line names: of a model, of a module's models, or of a `Table` object in a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamorm_py._model.model_table import bind
from dynamorm_py._model.several import SeveralTable, several
from dynamorm_py._repo import checked_table_name
from dynamorm_py.cli._models import defined_models, models_of, tables_of
from dynamorm_py.cli._output import USAGE, complain

if TYPE_CHECKING:
    from dynamorm_py import DynamoModel
    from dynamorm_py._model.model_table import ModelTable


def bound_table(named: str, table: str | None, unnamed: str | None = None) -> ModelTable[Any]:
    """Return the table of models; their encryption is not needed for it. Exits 2 without one name for it.

    A module's `Table` objects say which models stand together and how the table is called; its other models are
    grouped by the tables that they name. `table` chooses one, or names another; where `unnamed` is what to call a
    table without a name, `table` only chooses.
    """
    groups = _groups(named, unnamed or table)
    if not groups:
        raise complain(f"{named} has only abstract models, which have no table: name one of their subclasses", USAGE)
    if table is not None and table in groups:
        return _together(table, groups[table])
    listed = ", ".join(name or "without a name" for name in groups)
    if table is not None and unnamed is not None:
        raise complain(f"{named} has no model of table {table}: its tables are {listed}", USAGE)
    if len(groups) > 1:
        raise complain(f"{named} has models of the tables {listed}: name one with --table, or one model", USAGE)
    ((name, models),) = groups.items()
    if table is None and name is None:
        raise complain(f"{named} names no table: add --table NAME, or table= to the class", USAGE)
    return _together(table or name, models)


def models_in(table: ModelTable[Any]) -> list[ModelTable[Any]]:
    """Return the models of a table, each by itself."""
    return list(table.tables) if isinstance(table, SeveralTable) else [table]


def _groups(named: str, unnamed: str | None) -> dict[str | None, list[type[DynamoModel]]]:
    """Return the models by the name of their table."""
    groups: dict[str | None, list[type[DynamoModel]]] = {}
    for each in tables_of(named):
        groups.setdefault(each.__dynamorm_several__[0].name, []).extend(each.models)
    covered = {model for models in groups.values() for model in models}
    for model in defined_models(named) if groups else models_of(named):
        if model not in covered and not model.__dynamorm_options__.abstract:
            groups.setdefault(model.__dynamorm_options__.table or unnamed, []).append(model)
    return groups


def _together(name: str | None, models: list[type[DynamoModel]]) -> ModelTable[Any]:
    bound = [bind(model, checked_table_name(model, name)) for model in dict.fromkeys(models)]
    return bound[0] if len(bound) == 1 else several(bound[0].name, bound)
