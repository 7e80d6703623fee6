"""The licence of a repository, from the text of its licence files."""

from __future__ import annotations

import re

from themis_lsp.sources.blobs import open_blobs
from themis_lsp.sources.git import run_git
from themis_train.mining.repository import Repository

UNKNOWN = "unknown"
_FILE = re.compile(r"(?:\w+[-_.])?(?:un)?licen[sc]e|copying|copyright", re.IGNORECASE)
_LIMIT_BYTES = 200_000
# Each phrase is from the licence's own words. Of entries with the same family only the first
# that matches counts.
_PHRASES: tuple[tuple[str, str, str], ...] = (
    ("AGPL-3.0", "gpl", r"gnu affero general public license version 3"),
    ("LGPL-3.0", "gpl", r"gnu lesser general public license version 3"),
    ("LGPL-2.1", "gpl", r"gnu lesser general public license version 2\.1"),
    ("LGPL-2.0", "gpl", r"gnu library general public license version 2"),
    ("GPL-3.0", "gpl", r"gnu general public license version 3, 29 june"),
    ("GPL-2.0", "gpl", r"gnu general public license version 2, june"),
    ("Apache-2.0", "apache", r"apache license,? version 2\.0"),
    ("Apache-1.1", "apache", r"apache software license,? version 1\.1"),
    ("MPL-2.0", "mpl", r"mozilla public license,? version 2\.0"),
    ("EPL-2.0", "epl", r"eclipse public license - v 2\.0"),
    ("EPL-1.0", "epl", r"eclipse public license - v 1\.0"),
    ("Artistic-2.0", "artistic", r"artistic license 2\.0"),
    ("BSL-1.0", "boost", r"boost software license - version 1\.0"),
    ("CC0-1.0", "cc", r"cc0 1\.0 universal"),
    ("Unlicense", "unlicense", r"free and unencumbered software released into the public domain"),
    ("Zlib", "zlib", r"altered source versions must be plainly marked as such"),
    (
        "BSD-4-Clause",
        "bsd",
        r"redistributions in binary form must .*all advertising materials mentioning",
    ),
    ("BSD-3-Clause", "bsd", r"redistributions in binary form must .*endorse or promote"),
    ("BSD-2-Clause", "bsd", r"redistributions in binary form must"),
    (
        "ISC",
        "isc",
        r"permission to use, copy, modify,? (?:and/or|and) distribute this software for any "
        r"purpose with or without fee",
    ),
    (
        "MIT",
        "mit",
        r"permission is hereby granted, free of charge, to any person .*the above copyright notice "
        r"and this permission notice shall be included",
    ),
    (
        "MIT-Modern-Variant",
        "mit",
        r"permission is hereby granted, without written agreement and without license or royalty "
        r"fees, to use, copy, modify, and distribute",
    ),
    (
        "MIT-0",
        "mit",
        r"permission is hereby granted, free of charge, to any person .*without restriction.*"
        r"the software is provided",
    ),
    (
        "HPND",
        "hpnd",
        r"permission to use, copy, modify,? and distribute this software and its documentation",
    ),
)


def identify_license(text: str) -> tuple[str, ...]:
    """Return the SPDX ids of the licences whose words are in ``text``, in alphabetical order."""
    words = re.sub(r"[\s*#/]+", " ", text.lower())
    found: dict[str, str] = {}
    for license_id, family, phrase in _PHRASES:
        if family not in found and re.search(phrase, words):
            found[family] = license_id
    return tuple(sorted(found.values()))


def read_license(repository: Repository) -> str:
    """Return the SPDX id of a repository, several joined with AND; ``unknown`` without any."""
    listing = run_git(repository.path, ["ls-tree", "-z", repository.head])
    if listing is None or listing.returncode != 0:
        return UNKNOWN
    found: set[str] = set()
    with open_blobs(repository.path) as blobs:
        for entry in listing.stdout.split(b"\0"):
            meta, _, name = entry.partition(b"\t")
            if _FILE.match(name.decode("utf-8", "replace")):
                data = blobs.read(meta.split()[2].decode("ascii"), _LIMIT_BYTES)
                if isinstance(data, bytes):
                    found.update(identify_license(data.decode("utf-8", "replace")))
    return " AND ".join(sorted(found)) or UNKNOWN
