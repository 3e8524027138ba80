"""What commands print: lines for people, or one JSON document for programs."""

import json
from collections.abc import Iterable, Mapping

import typer

from foundation.errors import Failure, Throttled
from foundation.i18n import Translator
from gateway.cli.language import translator


def print_document(document: object) -> None:
    """Print one JSON document on standard output."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_facts(t: Translator, facts: Mapping[str, object]) -> None:
    """Print one fact a line, labelled ``cli.fact.<name>``."""
    for name, value in facts.items():
        typer.echo(f"{t(f'cli.fact.{name}')}: {_shown(value)}")


def print_result(document: Mapping[str, object], as_json: bool) -> None:
    """Print one document: as JSON, or one labelled fact a line."""
    if as_json:
        print_document(document)
    else:
        print_facts(translator(), document)


def print_table(rows: Iterable[tuple[object, ...]]) -> None:
    """Print rows separated by tabs, for eyes and for cut(1) alike."""
    for row in rows:
        typer.echo("\t".join(_shown(cell) for cell in row))


def print_failure(t: Translator, failure: Failure) -> None:
    """Say on standard error what went wrong and what to do."""
    typer.echo(f"certgate: {t(f'error.{failure.code}', **_params(failure))}", err=True)
    for error in failure.fields:
        typer.echo(f"  {error.field}: {t(f'error.{error.code}', **error.params)}", err=True)


def _params(failure: Failure) -> dict[str, str | int]:
    params = dict(failure.params)
    if isinstance(failure, Throttled):
        seconds = max(1, round(failure.retry_after.total_seconds()))
        params |= {"seconds": seconds, "minutes": -(-seconds // 60)}
    return params


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return "-" if value is None else str(value)
