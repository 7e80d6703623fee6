"""What a repository to mine is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from history import Past, make_history
from source_tree import git
from themis_train.mining.repository import name_repositories


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://ann:secret@host.example/owner/name.git", "owner/name"),
        ("https://ann:secret@host.example/name", "name"),
        ("git@host.example:group/owner/name.git", "owner/name"),
        ("../elsewhere/name", "shop"),
        ("", "shop"),
    ],
)
def test_a_repository_is_called_after_its_remote_without_the_host(
    tmp_path: Path, url: str, name: str
) -> None:
    folder = make_history(tmp_path / "shop", [Past("Start")])
    if url:
        git("config", "remote.origin.url", url, folder=str(folder))
    assert name_repositories([folder]) == [name]


def test_repositories_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    folders = [tmp_path / "ann/shop", tmp_path / "bob/shop.git", tmp_path / "inn"]
    assert name_repositories(folders) == ["ann/shop", "bob/shop", "inn"]
