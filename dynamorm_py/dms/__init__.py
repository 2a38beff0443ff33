"""DMS, the language-neutral document of models: read it, write it, compare it with classes, generate code.

`dms.load("models.yml")` gives a checked `Document`; `User.to_dms()` is a class's entry of one;
`dms.compare(User, document)` lists the differences; `dms.generate(document, "go")` writes code.
The document stands below the models (it reads their compiled schema, and a class may name the
document it must equal), so nothing here knows `DynamoModel`, tables or clients.
"""

from __future__ import annotations

from dynamorm_py.dms._codegen import Language, Library, generate
from dynamorm_py.dms._comparing import Difference, compare
from dynamorm_py.dms._describing import describe
from dynamorm_py.dms._document import (
    SUPPORTED_VERSIONS,
    Attribute,
    DmsVersion,
    Document,
    Index,
    KeyAttribute,
    Keys,
    Model,
    Naming,
    Projection,
    TableName,
    WritePolicy,
    checked_version,
    json_schema,
)
from dynamorm_py.dms._key_binding import BoundKey, bind_key
from dynamorm_py.dms._key_contract import DerivedKey, KeyContract
from dynamorm_py.dms._key_evaluation import FixtureFailure, run_fixtures
from dynamorm_py.dms._key_reading import check_key_contract, load_key_contract, loads_key_contract
from dynamorm_py.dms._parsed import Problem
from dynamorm_py.dms._reading import DocumentWarning, check, load, loads
from dynamorm_py.dms._writing import dumps

__all__ = [
    "SUPPORTED_VERSIONS",
    "Attribute",
    "BoundKey",
    "DerivedKey",
    "Difference",
    "DmsVersion",
    "Document",
    "DocumentWarning",
    "FixtureFailure",
    "Index",
    "KeyAttribute",
    "KeyContract",
    "Keys",
    "Language",
    "Library",
    "Model",
    "Naming",
    "Problem",
    "Projection",
    "TableName",
    "WritePolicy",
    "bind_key",
    "check",
    "check_key_contract",
    "checked_version",
    "compare",
    "describe",
    "dumps",
    "generate",
    "json_schema",
    "load",
    "load_key_contract",
    "loads",
    "loads_key_contract",
    "run_fixtures",
]
