"""`dynamorm dms`: validate, export, compare and generate code from documents."""

from __future__ import annotations

import warnings
from pathlib import Path  # noqa: TC003 -- typer reads the annotations
from typing import Annotated, Literal, TypeAlias, cast

import typer

from dynamorm_py import dms
from dynamorm_py.cli._models import document_of, document_of_models, models_of
from dynamorm_py.cli._output import USAGE, WRONG, AsJson, Out, complain, json_text, say, say_json, say_rows, write
from dynamorm_py.errors import InvalidDocument

DmsVersion: TypeAlias = Annotated[Literal["0.1", "0.2"], typer.Option(help="The version of DMS.")]

app = typer.Typer(help="DMS documents: validate, export, diff, codegen.", no_args_is_help=True)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Documents, YAML or JSON.")],
    *,
    lenient: Annotated[bool, typer.Option(help="Only warn about unknown fields.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check documents; exit 1 when one is wrong.

    Example: dynamorm dms validate shop.yml
    """
    findings = [finding for file in files for finding in _findings(file, lenient=lenient)]
    wrong = any(finding["level"] == "error" for finding in findings)
    if as_json:
        say_json({"valid": not wrong, "problems": findings})
    else:
        say_rows(findings, title="DMS problems")
    if wrong:
        raise typer.Exit(WRONG)
    if not as_json:
        say(f"{len(files)} valid" if len(files) > 1 else "valid")


def _findings(file: Path, *, lenient: bool) -> list[dict[str, object]]:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", dms.DocumentWarning)
            dms.load(file, lenient=lenient)
    except InvalidDocument as error:
        return [{"file": str(file), "level": "error", **_row(problem)} for problem in error.problems]
    except OSError as error:
        raise complain(f"{file}: {error.strerror}", USAGE) from None
    return [
        {"file": str(file), "level": "warning", **_row(cast("dms.DocumentWarning", warning.message).problem)}
        for warning in caught
    ]


def _row(problem: dms.Problem) -> dict[str, object]:
    return {"line": problem.line, "column": problem.column, "path": problem.path, "problem": problem.message}


@app.command()
def export(
    models: Annotated[list[str], typer.Argument(help="module:Model, or a module for all of its models.")],
    *,
    namespace: Annotated[str | None, typer.Option(help="The document's namespace.")] = None,
    dms_version: DmsVersion = "0.1",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print the document of model classes.

    Example: dynamorm dms export shop --out shop.yml
    """
    classes = [model for name in models for model in models_of(name)]
    document = document_of_models(classes, namespace, dms_version)
    write(dms.dumps(document, format="json" if as_json else "yaml"), out)


@app.command()
def diff(
    model: Annotated[str, typer.Argument(help="module:Model, or a document.")],
    document: Annotated[str, typer.Argument(help="The document to compare with, or module:Model.")],
    *,
    ignore_table_name: Annotated[bool, typer.Option(help="Let the tables have any names.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare models with a document; exit 1 when they differ.

    Example: dynamorm dms diff shop:Order shop.yml
    """
    left, right = document_of(model), document_of(document)
    differences = [
        {"model": each.name, "path": d.path, "left": d.model, "right": d.document}
        for each in left.models
        for d in dms.compare(each, right, ignore_table_name=ignore_table_name)
    ]
    if as_json:
        say_json(differences)
    else:
        say_rows(differences, title=f"{model} and {document}")
    if differences:
        raise typer.Exit(WRONG)


@app.command()
def codegen(
    document: Annotated[str, typer.Argument(help="A document, or module:Model.")],
    language: Annotated[Literal["python", "typescript", "go"], typer.Option("--lang", "-l", help="What to write.")],
    *,
    library: Annotated[
        Literal["dynamorm", "tabletheory"] | None, typer.Option(help="The sister library; by the document's version.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="Another name of the table, for all models.")] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write code from a document: Python models, TypeScript or Go definitions.

    Example: dynamorm dms codegen shop.yml --lang python --out shop.py
    """
    source = dms.generate(document_of(document), language, library=library, table=table)
    write(json_text({"language": language, "source": source}) if as_json else source, out)


@app.command()
def schema(*, dms_version: DmsVersion = "0.1") -> None:
    """Print the JSON Schema of documents, for editors.

    Example: dynamorm dms schema > dms.schema.json
    """
    say_json(dms.json_schema(dms_version))
