"""Makes lock.txt: every package of the requirements, with what they bring along, and the hashes of its files.

    python requirements/lock.py [--upgrade]

Needs uv, a resolver for all platforms at once. Versions that the lock has are kept unless --upgrade is given.
torch is left out, and so is what comes with torch alone: its builds for CPU and CUDA differ, and the user
chooses. Above each package stand the sets that need it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LOCK = FOLDER / "lock.txt"
SETS = ("run", "desktop", "train", "test")
OLDEST = "3.11"  # of the Pythons that run.py takes
HEAD = "# Made by lock.py: all that run.py installs but torch, with hashes; above each the sets that need it."


def main() -> None:
    """Resolve each set, and write what they need together."""
    upgrade = sys.argv[1:] == ["--upgrade"]
    if sys.argv[1:] and not upgrade:
        sys.exit(__doc__)
    needed: dict[str, list[str]] = {}
    for name in SETS:
        for entry in without_torch(resolved(name, upgrade)):
            needed.setdefault(entry, []).append(name)
    blocks = [f"# {' '.join(sets)}\n{entry}" for entry, sets in sorted(needed.items())]
    LOCK.write_text("\n".join([HEAD, *blocks, ""]), encoding="utf-8")
    print(f"{LOCK.name}: {len(blocks)} packages")


def resolved(name: str, upgrade: bool) -> str:
    """uv's listing of a set: packages with hashes, and who asked for each."""
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        pins = [] if upgrade or not LOCK.exists() else plain(LOCK.read_text(encoding="utf-8"))
        constraints.write_text("\n".join(pins), encoding="utf-8")
        words = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST]
        words += ["--generate-hashes", "--no-header", "-c", str(constraints), str(FOLDER / f"{name}.txt")]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def plain(lock: str) -> list[str]:
    """The requirements of a listing, without hashes."""
    return [line.removesuffix(" \\") for line in lock.splitlines() if re.match(r"[\w.-]+==", line)]


def without_torch(listing: str) -> list[str]:
    """Of uv's listing, what others than torch ask for: requirements with their hashes, comments left out."""
    entries: dict[str, str] = {}
    parents: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=[\w.-]+==)", listing.strip()):
        wanted = block.partition("==")[0].lower()
        lines = block.splitlines()
        kept = [line for line in lines if not line.lstrip().startswith("#")]
        entry = "\n".join(kept).removesuffix(" \\")
        # A package of several versions, by platform or Python, has a block for each.
        entries[wanted] = f"{entries[wanted]}\n{entry}" if wanted in entries else entry
        said = " ".join(line.lstrip("# ") for line in lines if line.lstrip().startswith("#"))
        asking = said.removeprefix("via ").replace("-c ", "-c=").replace("-r ", "-r=").split()
        parents.setdefault(wanted, set()).update(each for each in asking if not each.startswith("-c="))
    kept: set[str] = set()
    while more := {
        name
        for name in entries
        if name not in kept
        and name != "torch"
        and any(each.startswith("-r=") or each in kept for each in parents[name])
    }:
        kept |= more
    return [entries[name] for name in kept]


if __name__ == "__main__":
    main()
