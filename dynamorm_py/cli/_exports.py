"""`dynamorm export`: exports to S3, read into files that other tools take."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dynamorm_py import exports
from dynamorm_py._repo import Repo
from dynamorm_py._repo.table import Table
from dynamorm_py.cli._bound import bound_table, models_in
from dynamorm_py.cli._models import complete_model
from dynamorm_py.cli._output import USAGE, complain, say
from dynamorm_py.errors import EncryptionNotConfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from dynamorm_py._model.model_table import ModelTable
    from dynamorm_py.exports import ReadProgress

app = typer.Typer(help="Exports to S3: read them into Parquet, Arrow or JSON lines.", no_args_is_help=True)

Target: TypeAlias = Literal["parquet", "arrow", "jsonl"]


@app.callback()
def group() -> None:
    """Keep the group of one command: `dynamorm export read`."""


@app.command()
def read(
    model: Annotated[
        str,
        typer.Argument(
            help="module:Model; with --to jsonl also a module, or module:shop for a Table: items of several models.",
            autocompletion=complete_model,
        ),
    ],
    path: Annotated[str, typer.Argument(help="The export's folder, or s3://bucket/prefix.")],
    *,
    to: Annotated[Target, typer.Option("--to", help="What to write.")] = "parquet",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write here; by default model.ending.")] = None,
    workers: Annotated[int, typer.Option("--workers", "-w", min=1, help="Processes that read.")] = 1,
    skip_damaged: Annotated[bool, typer.Option("--skip-damaged", help="Count damaged lines, and go on.")] = False,
    skip_deleted: Annotated[bool, typer.Option("--skip-deleted", help="Leave deletions out.")] = False,
) -> None:
    """Read an export of a table's items into a file; rows are validated as models.

    Example: dynamorm export read shop:Order s3://bucket/AWSDynamoDB/01693685827463-2d8752fd
    """
    bound = bound_table(model, None, unnamed="unnamed")
    target = out or Path(f"{_file_name(bound)}.{to}")
    if target.exists():
        raise complain(f"{target} is there already: name another with --out", USAGE)
    if to != "jsonl" and len(models_in(bound)) > 1:
        names = bound.model.__name__
        raise complain(f"the columns are those of one model, and {model} has {names}: name one, or --to jsonl", USAGE)
    repo = _source(bound, model)
    options: dict[str, Any] = {"workers": workers, "damaged": "skip" if skip_damaged else "raise"}
    with _bar() as tell:
        seen: list[ReadProgress] = []

        def progress(so_far: ReadProgress) -> None:
            seen[:] = [so_far]
            tell(so_far)

        options["progress"] = progress
        with _importable():
            rows = _write(repo, path, to, target, options, skip_deleted=skip_deleted)
    damaged = f", {seen[-1].damaged} damaged lines left out" if seen and seen[-1].damaged else ""
    say(f"wrote {rows} rows to {target}{damaged}")


def _file_name(bound: ModelTable[Any]) -> str:
    return bound.model.__name__.lower() if len(models_in(bound)) == 1 else bound.name


def _source(bound: ModelTable[Any], named: str) -> Any:  # noqa: ANN401 -- a repository, or a table
    """Return what reads the items. Exits 2 for encrypted fields."""
    models: list[Any] = [each.model for each in models_in(bound)]
    try:
        if len(models) > 1:
            return Table(*models, name=bound.name)
        return Repo(models[0], table=bound.name)
    except EncryptionNotConfigured:
        raise complain(
            f"{named} has encrypted fields: read it with dynamorm_py.exports and its encryption", USAGE
        ) from None


@contextmanager
def _importable() -> Generator[None]:
    """Let other processes import the user's modules, which are in the working directory."""
    directory = str(Path.cwd())
    sys.path.insert(0, directory)
    try:
        yield
    finally:
        sys.path.remove(directory)


@contextmanager
def _bar() -> Generator[Callable[[ReadProgress], None]]:
    """Show a bar of items on a terminal; the total is the manifest's, where there is one."""
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done: bar.update(task, completed=done.items, total=done.total)


def _write(repo: Repo[Any], path: str, to: Target, target: Path, options: dict[str, Any], *, skip_deleted: bool) -> int:
    """Write the file in one piece: a partial one is taken away."""
    try:
        if to == "jsonl":
            return _write_lines(repo, path, target, options, skip_deleted=skip_deleted)
        return _write_batches(repo, path, to, target, {**options, "deleted": "skip" if skip_deleted else "raise"})
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _write_lines(repo: Repo[Any], path: str, target: Path, options: dict[str, Any], *, skip_deleted: bool) -> int:
    rows = 0
    with target.open("w", encoding="utf-8") as file:
        for item in exports.read(repo, path, **options):
            if isinstance(item, exports.Deleted):
                if not skip_deleted:
                    raise complain("the export has deletions: leave them out with --skip-deleted", USAGE)
                continue
            file.write(f"{json.dumps(item.model_dump(mode='json'), ensure_ascii=False)}\n")
            rows += 1
    return rows


def _write_batches(repo: Repo[Any], path: str, to: Target, target: Path, options: dict[str, Any]) -> int:
    batches = exports.to_arrow(repo, path, **options)
    rows = 0
    with _writer(to, target, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _writer(to: Target, target: Path, schema: Any) -> Any:  # noqa: ANN401 -- pyarrow ships no types
    """Return what writes batches; to_arrow() has raised by now when pyarrow is missing."""
    library: Any = import_module("pyarrow.ipc" if to == "arrow" else "pyarrow.parquet")
    if to == "arrow":
        return library.new_file(str(target), schema)
    return library.ParquetWriter(str(target), schema, compression="zstd")
