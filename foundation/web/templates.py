"""The template environment: escaping on, undefined names are errors."""

from collections.abc import Iterable
from datetime import tzinfo
from importlib.resources import files
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from foundation.web import filters
from foundation.web.static_files import StaticFiles

GROUND = Path(__file__).parent / "templates"


def template_environment(
    packages: Iterable[str], *, zone: tzinfo, static: StaticFiles
) -> Environment:
    """Return the environment that finds ``<package>/templates`` of every package.

    `zone` is where times on pages are told; `static` names the style sheet.
    """
    folders = [Path(str(files(package) / "templates")) for package in packages]
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (GROUND, *folders)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        local_time=filters.local_time_in(zone),
        local_second=filters.local_second_in(zone),
        local_date=filters.local_date_in(zone),
        money=filters.money,
        masked_id=filters.masked_id,
        grouped=filters.grouped,
    )
    environment.globals["static_url"] = static.url
    return environment
