"""What a class says of its attributes and its table: read from the markers, then frozen.

`naming` turns field names into attribute names, `fields` reads one field, `table_schema` assembles keys
and indexes. No types are looked into here: what a type can hold is the codec's knowledge.
"""

from __future__ import annotations

from dynamorm_py._schema.converters import converter_of, scalar_stored_by
from dynamorm_py._schema.derived_keys import annotated_over, declared_keys, is_template, read_derived
from dynamorm_py._schema.fields import (
    PARTITION_KEY_BYTES,
    SORT_KEY_BYTES,
    StoredField,
    buried_markers,
    read_field,
    stands_anywhere,
)
from dynamorm_py._schema.lifecycle_roles import LIFECYCLE, SET_BY_LIBRARY
from dynamorm_py._schema.lookalikes import lookalike_problems
from dynamorm_py._schema.naming import CONVENTIONS, TABLE_NAME, TABLE_NAME_REPAIR, NamingConvention
from dynamorm_py._schema.table_schema import MISSING_KEY, IndexDeclaration, IndexSchema, ModelSchema, read_schema
from dynamorm_py._schema.templates import Part, Template
from dynamorm_py._schema.vectors import VectorSchema, with_searched
from dynamorm_py._schema.write_policies import WriteMode, WritePolicy, read_write_policy

__all__ = [
    "CONVENTIONS",
    "LIFECYCLE",
    "MISSING_KEY",
    "PARTITION_KEY_BYTES",
    "SET_BY_LIBRARY",
    "SORT_KEY_BYTES",
    "TABLE_NAME",
    "TABLE_NAME_REPAIR",
    "IndexDeclaration",
    "IndexSchema",
    "ModelSchema",
    "NamingConvention",
    "Part",
    "StoredField",
    "Template",
    "VectorSchema",
    "WriteMode",
    "WritePolicy",
    "annotated_over",
    "buried_markers",
    "converter_of",
    "declared_keys",
    "is_template",
    "lookalike_problems",
    "read_derived",
    "read_field",
    "read_schema",
    "read_write_policy",
    "scalar_stored_by",
    "stands_anywhere",
    "with_searched",
]
