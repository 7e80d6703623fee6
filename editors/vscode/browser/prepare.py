"""Makes what the flow needs: a repository with a change for the worse, and the programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent

BEFORE = """\
package names

import (
	"bufio"
	"os"
)

// Longest returns the longest line of a file of names.
func Longest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	longest := ""
	names := bufio.NewScanner(file)
	for names.Scan() {
		if len(names.Text()) > len(longest) {
			longest = names.Text()
		}
	}
	return longest, names.Err()
}

// Greet returns how to greet somebody.
func Greet(name string) string {
	if name == "" {
		return "Hello"
	}
	return "Hello " + name
}
"""
# The file is not closed any more: what the model that comes with the package warns of.
AFTER = BEFORE.replace("\tdefer file.Close()\n", "")
PROGRAMS = {"themis-lsp": "themis_lsp.cli.server", "themis-review": "themis_lsp.cli.main"}


def main(folder: Path) -> None:
    """Write ``names``, a repository, and ``bin`` into the folder."""
    (folder / "bin").mkdir()
    for name, module in PROGRAMS.items():
        code = f"import sys; sys.path.insert(0, '{ROOT}'); from {module} import main; main()"
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
        program.chmod(0o755)
    # Says its version, then ends before it is asked anything.
    failing = folder / "bin" / "failing-lsp"
    failing.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo themis-lsp 0.1.0 && exit\n'
        f"echo start >> '{folder}/starts'\nexit 3\n"
    )
    failing.chmod(0o755)
    repository = folder / "names"
    repository.mkdir()
    (repository / "names.go").write_text(BEFORE)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "--all"],
        [*identity, "commit", "--quiet", "-m", "first"],
    ):
        subprocess.run(["git", "-C", str(repository), *arguments], check=True)
    (repository / "names.go").write_text(AFTER)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
