"""Archives for tests, of any method of packing."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path


def pack(
    path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, mode: str = "w:gz"
) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", method) as opened:
            for name, data in members.items():
                opened.writestr(name, data)
        return path
    with tarfile.open(path, mode) as opened:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            opened.addfile(entry, io.BytesIO(data))
    return path
