"""A command group that imports a command only when it runs, and has a default one."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """Where a command is (``module:attribute``) and the line of help that stands for it."""

    target: str
    summary: str


class LazyGroup(click.Group):
    """Commands from a table; arguments that begin with none of their names go to ``default``."""

    def __init__(
        self,
        name: str | None = None,
        *,
        entries: Mapping[str, CommandEntry],
        default: str | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__(name, **attributes)
        self._entries = entries
        self._default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front unless a command or an option of the group leads."""
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if self._default and args and args[0] not in own and args[0] not in self._entries:
            args = [self._default, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._entries)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        module, attribute = entry.target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        is_leaf = not isinstance(command, click.Group)
        if is_leaf and not any(parameter.name == "debug" for parameter in command.params):
            command.params.append(_debug_option())
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help lines of the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self._entries.items()])


def _debug_option() -> click.Option:
    # Read from the arguments by whoever catches the error; declared so that every command takes it.
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        help="Show the traceback of an internal error.",
    )
