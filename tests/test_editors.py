"""The editors' own files agree with the reviewer and with each other."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

from themis_lsp import __version__
from themis_lsp.server.settings import Settings

EDITORS = Path(__file__).parent.parent / "editors"
PACKAGE = json.loads((EDITORS / "vscode" / "package.json").read_text(encoding="utf-8"))
SETTINGS = PACKAGE["contributes"]["configuration"]["properties"]


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def test_every_setting_of_the_server_is_one_of_the_extension_with_its_default() -> None:
    for field in fields(Settings):
        assert SETTINGS[f"themis.{camel(field.name)}"]["default"] == field.default


def test_settings_that_name_programs_or_models_are_the_users_own() -> None:
    restricted = PACKAGE["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    for name in ("path", "interpreter", "package", "model", "provider", "threads"):
        assert SETTINGS[f"themis.{name}"]["scope"] == "machine"
        assert f"themis.{name}" in restricted


def test_the_readme_of_the_extension_names_every_setting() -> None:
    readme = (EDITORS / "vscode" / "README.md").read_text(encoding="utf-8")
    for name, setting in SETTINGS.items():
        assert f"| `{name}` |" in readme
        assert setting["markdownDescription"]


def test_every_command_of_the_extension_is_there() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (EDITORS / "vscode" / "src").glob("*.ts")
    )
    for command in PACKAGE["contributes"]["commands"]:
        name = command["command"].removeprefix("themisReview.")
        assert re.search(rf"^      {name}: ", sources, re.MULTILINE), name


def test_editors_know_this_version_of_the_server() -> None:
    major, minor, *_ = (int(part) for part in __version__.split("."))
    guard = (EDITORS / "neovim/lua/themis_review/guard.lua").read_text(encoding="utf-8")
    versions = (EDITORS / "vscode/src/versions.ts").read_text(encoding="utf-8")
    assert f'M.OLDEST, M.BEYOND = "{major}.{minor}.0", "{major}.{minor + 1}.0"' in guard
    assert f"OLDEST_SERVER: Version = [{major}, {minor}]" in versions
    assert f"BEYOND_SERVER: Version = [{major}, {minor + 1}]" in versions
    assert PACKAGE["version"].startswith(f"{major}.{minor}.")


def test_the_lock_file_names_no_registry() -> None:
    lock = (EDITORS / "vscode" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock


def test_every_recipe_is_well_formed_and_starts_the_server() -> None:
    page = (EDITORS.parent / "docs" / "editors.md").read_text(encoding="utf-8")
    recipes = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    assert [kind for kind, _ in recipes] == ["elisp", "toml", "json", "json"]
    for kind, text in recipes:
        assert "themis-lsp" in text
        assert "--stdio" in text
        if kind == "toml":
            tomllib.loads(text)
        elif kind == "json":
            json.loads(text)
        else:
            assert text.count("(") == text.count(")")
