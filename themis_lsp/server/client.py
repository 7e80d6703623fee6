"""What the editor can do, as far as it matters here."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol.types import ClientCapabilities
from pygls.capabilities import get_capability


@dataclass(frozen=True, slots=True)
class Client:
    """An editor's abilities.

    It ``pulls`` diagnostics only where it can also be told that there are new ones.
    """

    pulls: bool = False
    refreshes_lenses: bool = False
    shows_related: bool = False
    shows_links: bool = False
    shows_documents: bool = False
    shows_progress: bool = False
    tells_settings: bool = False
    registers_settings: bool = False
    registers_watchers: bool = False


def read_client(capabilities: ClientCapabilities) -> Client:
    """Return what the editor says it can do."""

    def can(name: str) -> bool:
        return bool(get_capability(capabilities, name))

    has_diagnostics = get_capability(capabilities, "text_document.diagnostic") is not None
    return Client(
        pulls=has_diagnostics and can("workspace.diagnostics.refresh_support"),
        refreshes_lenses=can("workspace.code_lens.refresh_support"),
        shows_related=can("text_document.publish_diagnostics.related_information"),
        shows_links=can("text_document.publish_diagnostics.code_description_support"),
        shows_documents=can("window.show_document.support"),
        shows_progress=can("window.work_done_progress"),
        tells_settings=can("workspace.configuration"),
        registers_settings=can("workspace.did_change_configuration.dynamic_registration"),
        registers_watchers=can("workspace.did_change_watched_files.dynamic_registration"),
    )
