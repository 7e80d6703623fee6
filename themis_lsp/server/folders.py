"""Settings by folder: a workspace may have several, each with its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from themis_lsp.server.settings import Settings, read_settings

Tell = Callable[[str], None]


@dataclass(slots=True)
class FolderSettings:
    """The user's settings, what the editor lays over them, and what it does so in single folders.

    ``tell`` gets a sentence for each setting that is not understood.
    """

    tell: Tell = lambda _: None
    user: Settings = field(default_factory=Settings)
    shared: Settings = field(default_factory=Settings)
    _folders: Mapping[str, Settings] = field(default_factory=dict)

    def take_user(self, values: object) -> None:
        """Take what the user says, before anything else."""
        self.user = self.shared = self._read(values, Settings(), from_user=True)

    def take(self, shared: object, folders: Sequence[tuple[str, object]] = ()) -> bool:
        """Take what the editor's configuration says, for all files and in folders by their URIs.

        Return whether anything is different now.
        """
        earlier = self.shared, self._folders
        self.shared = self._read(shared, self.user, from_user=False)
        self._folders = {
            _folder(uri): self._read(values, self.shared, from_user=False)
            for uri, values in folders
        }
        return (self.shared, self._folders) != earlier

    def of(self, uri: str) -> Settings:
        """Return what holds for a document: the settings of the innermost folder around it."""
        place = unquote(uri)
        around = [folder for folder in self._folders if place.startswith(folder)]
        return self._folders[max(around, key=len)] if around else self.shared

    def _read(self, values: object, defaults: Settings, *, from_user: bool) -> Settings:
        settings, problems = read_settings(values, defaults, from_user=from_user)
        for problem in problems:
            self.tell(problem)
        return settings


def _folder(uri: str) -> str:
    return unquote(uri).rstrip("/") + "/"
