"""Where the options of ``check`` come from: the command line, configuration, or nowhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from themis_lsp.config.find import ProjectRules
    from themis_lsp.config.read import Config

_ISOLATED, _CONFIG = "themis_lsp.isolated", "themis_lsp.config"
_SHOWN = (
    *("criteria", "min_percentile", "top", "all_units", "force_exclude", "on_error", "service"),
    *("require_reason", "strict_suppressions", "baseline", "strict_baseline"),
)


def _isolate(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    context.meta[_ISOLATED] = value


def _configure(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """Make what the configuration says the defaults of the options that follow."""
    if context.resilient_parsing or context.meta.get(_ISOLATED):
        return
    from themis_lsp.config.find import find_config
    from themis_lsp.config.read import read_config
    from themis_lsp.errors import UserError

    config = find_config(Path.cwd()) if value is None else read_config(Path(value))
    if value is not None and config is None:
        raise UserError(f"{value}: it has no [tool.themis-review]")
    context.meta[_CONFIG] = (config, value is not None)
    if config is not None:
        context.default_map = {**(context.default_map or {}), **config.values}


settings_options = (
    click.option(
        "--isolated",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_isolate,
        help="Read no configuration of the project.",
    ),
    click.option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_configure,
        help="The project's configuration.  [default: the closest .themis.toml or pyproject.toml "
        "with [tool.themis-review]]",
    ),
    click.option("--show-settings", is_flag=True, help="Show what holds, and why; review nothing."),
)


def take_rules(context: click.Context, values: dict[str, Any]) -> ProjectRules:
    """Return what holds for the files of the project; the model it names, if any, into ``values``.

    There also goes that the user wants no service: a project can do without, but cannot insist.
    Raises UserError when the user has not allowed that model.
    """
    from themis_lsp.bundle.locate import MODEL_VARIABLE
    from themis_lsp.config.find import ProjectRules
    from themis_lsp.config.user import check_allowed, read_user_config

    config, is_fixed = _configured(context)
    user = read_user_config()
    if context.get_parameter_source("service") is not ParameterSource.COMMANDLINE:
        values["service"] = values["service"] and user.service
    if not values["model"] and not os.environ.get(MODEL_VARIABLE):
        values["model"] = user.model
        if config is not None and config.model is not None:
            check_allowed(config.model, config.file, user)
            values["model"] = str(config.model)
    if values["escalate"] is None:
        values["escalate"] = user.escalate
    is_stated = context.get_parameter_source("fail_on") is ParameterSource.COMMANDLINE
    return ProjectRules(
        stated=values["fail_on"] if is_stated else None,
        otherwise=values["fail_on"],
        fixed=config,
        is_fixed=is_fixed or bool(context.meta.get(_ISOLATED)),
    )


def settings_lines(context: click.Context, values: dict[str, Any]) -> Iterator[str]:
    """Yield every setting that configuration may change, its value and where that is from."""
    config, _ = _configured(context)
    yield f"configuration: {'none' if config is None else config.file}"
    for name in _SHOWN:
        source = context.get_parameter_source(name)
        yield _setting(name.replace("_", "-"), values[name], _origin(source, config))
    is_stated = context.get_parameter_source("fail_on") is ParameterSource.COMMANDLINE
    if is_stated or config is None or config.fail_on is None:
        origin = "command line" if is_stated else "default"
        yield _setting("fail-on", values["fail_on"], origin)
    else:
        yield _setting("fail-on", config.fail_on, str(config.file))
    yield _setting("escalate", values["escalate"], "")
    yield _setting("model", values["model"] or "THEMIS_MODEL or the embedded one", "")
    for rule in () if config is None else config.rules:
        ignored = ", ".join(criterion.code for criterion in rule.ignore) or "nothing"
        failing = ", ".join(map(str, rule.fail_on)) or "nothing more"
        yield f"{rule.folder}/{rule.pattern}: ignores {ignored}, fails on {failing}"


def _configured(context: click.Context) -> tuple[Config | None, bool]:
    found: tuple[Config | None, bool] = context.meta.get(_CONFIG, (None, False))
    return found


def _origin(source: ParameterSource | None, config: Config | None) -> str:
    if source is ParameterSource.COMMANDLINE:
        return "command line"
    is_configured = source is ParameterSource.DEFAULT_MAP and config is not None
    return str(config.file) if is_configured and config is not None else "default"


def _setting(name: str, value: object, origin: str) -> str:
    if isinstance(value, tuple):
        shown = ", ".join(getattr(item, "code", None) or str(item) for item in value) or "-"
    else:
        shown = (
            "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        )
    return f"{name} = {shown}{f'  ({origin})' if origin else ''}"
