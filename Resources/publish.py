"""What is written into the files when the extension is published, and at each release.

    python Resources/publish.py owner NAME       who owns the repository on GitHub; OWNER till then
    python Resources/publish.py version X.Y.Z    the extension's version, and the date of its changes
    python Resources/publish.py                  what they are now

Models have versions of their own, in their cards.
"""

from __future__ import annotations

import datetime
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = r"(?:(?<=//github\.com/)|(?<=//raw\.githubusercontent\.com/))[^/\s]+(?=/SlicerCXRAdaINSeg)"
OWNER_IN = ("CMakeLists.txt", "CXRAdaINSeg.json", "CITATION.cff", "Docs/index-submission.md")
GITHUB_NAME = r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}"
VERSION = r"\d+\.\d+\.\d+"
# Each with the version, and no other, where the pattern stands.
VERSION_IN = {
    "pyproject.toml": rf'(?m)(?<=^version = "){VERSION}(?="$)',
    "trainer/cxradain/__init__.py": rf'(?m)(?<=^__version__ = "){VERSION}(?="$)',
    "CITATION.cff": rf"(?m)(?<=^version: ){VERSION}$",
}
CHANGES = "CHANGELOG.md"
UNRELEASED = rf"(?m)^## {VERSION} \(unreleased\)$"


class PublishError(Exception):
    """The files are not as they should be, or what is asked for is not possible."""


def owner(root: Path = ROOT) -> str:
    """The repository's owner. Raises PublishError where the files do not agree."""
    return _the_one(root, dict.fromkeys(OWNER_IN, ADDRESS), "owner")


def version(root: Path = ROOT) -> str:
    """The extension's version. Raises PublishError where the files do not agree."""
    return _the_one(root, VERSION_IN, "version")


def set_owner(name: str, root: Path = ROOT) -> None:
    """Write the owner into all files. Raises PublishError, and then none is changed."""
    if not re.fullmatch(GITHUB_NAME, name):
        raise PublishError(f"{name} is no name of GitHub's.")
    owner(root)
    _write(root, {file: (ADDRESS, name) for file in OWNER_IN})


def set_version(new: str, root: Path = ROOT, day: datetime.date | None = None) -> None:
    """Write the version into all files, and the day, by default today's, over the unreleased changes.

    Raises PublishError, and then none is changed.
    """
    if not re.fullmatch(VERSION, new):
        raise PublishError(f"{new} is no version. Three numbers are, 1.2.3 say.")
    old = version(root)
    if _numbers(new) < _numbers(old):
        raise PublishError(f"{new} is older than {old}.")
    if not re.search(UNRELEASED, (root / CHANGES).read_text(encoding="utf-8")):
        raise PublishError(f"{CHANGES} has no changes that are unreleased. Write down what is new.")
    changes = {file: (pattern, new) for file, pattern in VERSION_IN.items()}
    _write(root, {**changes, CHANGES: (UNRELEASED, f"## {new} ({day or datetime.date.today()})")})


def _the_one(root: Path, patterns: dict[str, str], what: str) -> str:
    found = {
        file: set(re.findall(pattern, (root / file).read_text(encoding="utf-8")))
        for file, pattern in patterns.items()
    }
    values = set().union(*found.values())
    if len(values) != 1 or not all(found.values()):
        said = "; ".join(f"{file}: {', '.join(sorted(each)) or 'none'}" for file, each in found.items())
        raise PublishError(f"The {what} is not the same in all files. {said}")
    return values.pop()


def _write(root: Path, changes: dict[str, tuple[str, str]]) -> None:
    for file, (pattern, text) in changes.items():
        path = root / file
        path.write_text(
            re.sub(pattern, text, path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n"
        )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))


def main(arguments: list[str]) -> None:
    """What the command line asks for."""
    ways = {"owner": set_owner, "version": set_version}
    if arguments and (len(arguments) != 2 or arguments[0] not in ways):
        sys.exit(__doc__)
    try:
        if arguments:
            ways[arguments[0]](arguments[1])
        print(f"owner {owner()}, version {version()}")
    except PublishError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(sys.argv[1:])
