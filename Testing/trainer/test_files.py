"""Files: names of outputs, and writes that leave the old file until the new one is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from cxradain.files import replace_atomically
from cxradain.imaging.file_formats import output_names, stem


@pytest.mark.parametrize(
    ("inputs", "endings", "expected"),
    [
        (["a.png", "b.png"], [".nrrd"], ["a", "b"]),
        (["x/a.png", "x/a.jpg", "y/a.png"], [".nrrd"], ["a", "a-2", "a-3"]),
        (["a.png", "a.jpg", "a-2.png"], [".nrrd"], ["a", "a-3", "a-2"]),
        (["a.png", "A.png"], [".nrrd"], ["a", "A-2"]),
        (["a.png", "a-overlay.png"], [".png", "-overlay.png"], ["a", "a-overlay-2"]),
        (["1.2.840.1", "1.2.840.2"], [".nrrd"], ["1.2.840.1", "1.2.840.2"]),
    ],
)
def test_names_are_the_stems_and_never_the_same(inputs, endings, expected) -> None:
    assert output_names(inputs, endings) == expected


def test_stems_drop_known_file_extensions() -> None:
    given = ("a.nii.gz", "b.c.dcm", "IM0001", ".hidden", "1.2.3", "dir.x/e.TIFF", "IM.abc", "1.2.3d.PNG")
    assert [stem(name) for name in given] == [
        "a",
        "b.c",
        "IM0001",
        ".hidden",
        "1.2.3",
        "e",
        "IM.abc",
        "1.2.3d",
    ]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mask.nrrd"
    path.write_text("old")

    def fail(temporary: Path) -> None:
        assert temporary.suffix == ".nrrd" and temporary.parent == tmp_path
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        replace_atomically(path, fail)
    assert [file.name for file in tmp_path.iterdir()] == ["mask.nrrd"] and path.read_text() == "old"
