"""Which of DynamoDB's texts our messages may quote: those that cannot quote a value.

Some of its texts quote the operands of a comparison or the elements of a set, so a text passes only
when it is, as a whole, one of the forms below; the variable parts are names, placeholders and types.
The forms are collected from answers of DynamoDB and DynamoDB Local.
"""

from __future__ import annotations

import re

_NAME = r"[\w.:#\-]{1,255}"  # attribute, index or table name, or a placeholder
_PATH = r"\[[\w.:#\-\[\], ]{1,1000}\]"  # a document path: [a, b, [0]]
_ARN = r"arn:[\w:/.@=+,\-*]{1,2048}"
_EXPRESSION = r"Invalid (?:Update|Condition|Filter|KeyCondition|Projection)Expression: "
_PREFIX = rf"(?:One or more parameter values were invalid: |{_EXPRESSION})?"
_CLASH = "(?:overlap|conflict) with each other; must remove or rewrite one of these paths"
_USED = "(?:the )?(?:document path|expression)"
_TABLE_NAMES = r"Table/index names must be between 3 and 255 characters long, and may contain only the characters"
_FORMS = (
    r"Type mismatch for (?:Index )?[Kk]ey(?: [\w.\-]+)?(?: expected: \w+ actual: \w+)?(?: IndexName: [\w.\-]+)?",
    rf"Missing the key {_NAME} in the item",
    r"The provided key element does not match the schema",
    r"One of the required keys was not given a value",
    r"The number of conditions on the keys is invalid",
    rf"Cannot update attribute {_NAME}\. This attribute is part of the key",
    rf"Query condition missed key schema element(?:: {_NAME})?",
    r"Query key condition not supported",
    rf"Query filter contains primary key attribute: {_NAME}",
    rf"Filter Expression can only contain non-primary key attributes: Primary key attribute: {_NAME}",
    rf"Two document paths {_CLASH}; path one: {_PATH}, path two: {_PATH}",
    rf"An expression attribute (?:name|value) used in {_USED} is not defined; attribute (?:name|value): {_NAME}",
    r"Incorrect operand type for operator or function; operator(?: or function)?: [\w<>=+\-]+, operand type: \w+",
    r"The document path provided in the update expression is invalid for update",
    r"The provided expression refers to an attribute that does not exist in the item",
    r"An operand in the update expression has an incorrect data type",
    r"Attribute name is a reserved keyword; reserved keyword: \w+",
    r"Expression size has exceeded the maximum allowed size(?:; expression size: \d+)?",
    rf"Value provided in ExpressionAttribute(?:Names|Values) unused in expressions: keys: \{{{_NAME}(?:, {_NAME})*\}}",
    r"The expression can not be empty",
    r"Item size has exceeded the maximum allowed size",
    r"Provided list of item keys contains duplicates",
    r"Too many items requested for the (?:BatchGetItem|BatchWriteItem) call",
    r"Transaction request cannot include multiple operations on one item",
    r"Consistent reads? (?:are|is) not supported on global secondary indexes",
    rf"Invalid table/index name\. +{_TABLE_NAMES} a-z, A-Z, 0-9, '_', '-', and '\.'",
    r"The provided starting key is (?:invalid|outside query boundaries based on provided conditions)",
    rf"The table does not have the specified index(?:: {_NAME})?",
    rf"User: {_ARN} is not authorized to perform: [\w:]+(?: on resource: {_ARN})?(?: (?:because|with) [\w :/.\-]+)?",
)
# What DynamoDB finds in the stored item, and what the caller can do about it.
_OTHER_KEY = "the table's key may differ from the model's: check it with table.compare()"
_REPAIRS = {
    "Type mismatch for key": _OTHER_KEY,
    "Missing the key": _OTHER_KEY,
    "does not match the schema": _OTHER_KEY,
    "required keys was not given a value": _OTHER_KEY,
    "number of conditions on the keys is invalid": _OTHER_KEY,
    "An operand in the update expression has an incorrect data type": "add and delete take an existing set, or no "
    "attribute; an empty set is stored as NULL unless its field is marked OmitEmpty()",
    "refers to an attribute that does not exist in the item": "begin with if_not_exists(), for example an empty list",
    "document path provided in the update expression is invalid for update": "set the map or list around it first",
}
_VALUE_FREE = re.compile(rf"{_PREFIX}(?:{'|'.join(_FORMS)})\.?")
_TOO_LARGE = re.compile(r"Item size (?:to update )?has exceeded the maximum allowed size")
_NO_INDEX = re.compile(rf"The table does not have the specified index(?:: ({_NAME}))?")
_PARAMETER = re.compile(
    r'(?P<how>Unknown|Missing required) parameter in (?P<place>[\w.\[\]]+): "(?P<name>\w+)"'
    r"|Invalid (?P<what>type|length|range) for parameter (?P<path>[\w.\[\]]+),"
)


def value_free(text: str) -> str | None:
    """Return DynamoDB's text when it cannot hold a value, else None."""
    return text.rstrip(".") if _VALUE_FREE.fullmatch(text) else None


def with_repair(text: str) -> str:
    """Return DynamoDB's text with what to do about it, where more than the text itself is known."""
    return next((f"{text}: {repair}" for part, repair in _REPAIRS.items() if part in text), text)


def says_too_large(text: str) -> bool:
    """Tell whether DynamoDB says that an item exceeds 400 KB."""
    return _TOO_LARGE.search(text) is not None


def missing_index(text: str) -> str | None:
    """Return the index that DynamoDB says is not there ("" when it names none), None for another text."""
    match = _NO_INDEX.search(text)
    return None if match is None else match[1] or ""


def parameter_problem(report: str) -> str:
    """Return the first finding of botocore's parameter check, without the value it quotes.

    Only the first: a later line may be a piece of a value that contains a line break.
    """
    lines = report.splitlines()
    match = _PARAMETER.match(lines[1] if len(lines) > 1 else report)
    if match is None:
        return "a parameter is wrong"
    if match["how"]:
        return f"{match['how'].lower()} parameter {match['name']!r} in {match['place']}"
    return f"invalid {match['what']} of parameter {match['path']}"
