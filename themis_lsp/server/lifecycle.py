"""Beginning and end of a session: settings, what the editor is to watch, and when it is gone."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping

from lsprotocol import types

from themis_lsp.server.app import Application

SECTION = "themis"
_PARENT_CHECK_S = 1.0
# The log of HEAD is written to by whatever makes another commit current.
_WATCHED = (
    *("**/.themis.toml", "**/pyproject.toml", "**/.git/logs/HEAD"),
    "**/*baseline*.jsonl",  # whatever its name: it is read again with the next review
)


async def register(app: Application) -> None:
    """Have the editor tell when settings, project configuration or the current commit change."""
    wanted = []
    if app.client.registers_watchers:
        patterns = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(patterns)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        wanted.append(types.Registration("themis-files", method, options))
    if app.client.registers_settings:
        section = types.DidChangeConfigurationRegistrationOptions(SECTION)
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        wanted.append(types.Registration("themis-settings", method, section))
    if wanted:
        await app.server.client_register_capability_async(types.RegistrationParams(wanted))


async def fetch_settings(app: Application) -> None:
    """Ask the editor for the settings, of each folder too, where it can be asked."""
    if not app.client.tells_settings:
        return
    folders = [folder.uri for folder in app.server.workspace.folders.values()]
    items = [types.ConfigurationItem(section=SECTION)]
    items += [types.ConfigurationItem(scope_uri=uri, section=SECTION) for uri in folders]
    answers = await app.server.workspace_configuration_async(types.ConfigurationParams(items))
    own = list(answers)[1:]
    shared = answers[0] if answers else None
    if app.settings.take(shared, list(zip(folders, own, strict=False))):
        app.review_all()


def take_settings(app: Application, values: object) -> None:
    """Take the settings that an editor sends which cannot be asked."""
    own = values.get(SECTION) if isinstance(values, Mapping) else None
    if own is not None and app.settings.take(own):
        app.review_all()


def watch_parent(parent: int | None, clean_up: Callable[[], None]) -> None:
    """End the process once the editor is gone without having said so; ``clean_up`` before."""
    # On Windows os.kill ends what it only asks about elsewhere; there the end of input must do.
    if parent is None or sys.platform == "win32":
        return

    def watch() -> None:
        while _is_alive(parent):
            time.sleep(_PARENT_CHECK_S)
        clean_up()
        os._exit(1)

    threading.Thread(target=watch, name="themis-parent", daemon=True).start()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
