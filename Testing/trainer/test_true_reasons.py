"""Messages name the file and the true reason; words in other languages and long names raise no alarm."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from archive_files import pack
from cxradain import cli
from cxradain.exchange.mask_decoding import COLORS
from cxradain.imaging.dicom_checks import LATERAL, NOT_CHEST
from cxradain.imaging.file_formats import output_names
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from cxradain.sessions.store import Session
from dicom_files import Make, drawing
from PIL import Image
from session_data import lungs, picture
from small_models import chest


@pytest.mark.parametrize(
    "part",
    [
        *("THORAX", "LUNGE", "RX TORACE", "Tórax PA", "KLATKA PIERSIOWA", "Poumons", "Brustkorb"),
        *("UNKNOWN", "ROUTINE", "X1"),
    ],
)
def test_a_chest_in_another_language_and_unknown_words_raise_no_alarm(make: Make, part: str) -> None:
    assert make(SpecificCharacterSet="ISO_IR 192", BodyPartExamined=part, ViewPosition="").warnings == ()


@pytest.mark.parametrize(
    "part",
    ["KNEE", "TSPINE", "Knie", "HÜFTE", "Crâne", "RODILLA", "GINOCCHIO", "JOELHO", "HEUP"],
)
def test_another_part_is_known_in_several_languages(make: Make, part: str) -> None:
    assert make(SpecificCharacterSet="ISO_IR 192", BodyPartExamined=part).warnings == (NOT_CHEST,)
    described = {"BodyPartExamined": None, "ProtocolName": f"RX {part}"}
    assert make(SpecificCharacterSet="ISO_IR 192", **described).warnings == (NOT_CHEST,)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [("胸部", ()), ("ГРУДНАЯ КЛЕТКА, голова", ()), ("RTG Kręgosłup", (NOT_CHEST,)), ("Hrudník a břicho", ())],
)
def test_descriptions_may_be_in_any_script(make: Make, text: str, warnings: tuple[str, ...]) -> None:
    described = {"BodyPartExamined": None, "ViewPosition": None, "ProtocolName": text}
    assert make(SpecificCharacterSet="ISO_IR 192", **described).warnings == warnings


@pytest.mark.parametrize(
    ("name", "value", "lateral"),
    [
        ("ProtocolName", "Chest Lat", True),
        ("PerformedProcedureStepDescription", "CHEST LATERAL", True),
        ("SeriesDescription", "Thorax seitl.", True),
        ("SeriesDescription", "Thorax p.a./seitl.", False),
        ("AcquisitionDeviceProcessingDescription", "CHEST LAT", True),
        ("SeriesDescription", "Thorax seitlich", True),
        ("SeriesDescription", "Tórax perfil", True),
        ("SeriesDescription", "Thorax profil", True),
        ("ProtocolName", "Chest PA and lateral", False),
        ("PerformedProcedureStepDescription", "Chest 2 views, frontal and lateral", False),
        ("ProtocolName", "Thorax in 2 Ebenen", False),
        ("ProtocolName", "Thorax", False),
    ],
)
def test_a_lateral_view_is_told_by_any_description(make: Make, name: str, value: str, lateral: bool) -> None:
    warnings = make(SpecificCharacterSet="ISO_IR 192", ViewPosition="", **{name: value}).warnings
    assert warnings == ((LATERAL,) if lateral else ())
    assert make(SpecificCharacterSet="ISO_IR 192", ViewPosition="PA", **{name: value}).warnings == ()


@pytest.mark.parametrize(
    ("kind", "said"), [("float64", "64 bits of floating point"), ("uint64", "64 bits of unsigned integers")]
)
def test_tiff_of_too_many_bits_is_said_as_such(kind: str, said: str, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", drawing(12).astype(kind))
    with pytest.raises(RadiographError, match=rf"a\.tif: .*{said}.*gray of 8 or 16 bits"):
        read_radiograph(tmp_path / "a.tif")


@pytest.fixture
def session(tmp_path: Path) -> Path:
    Image.fromarray((picture() >> 4).astype(np.uint8)).save(tmp_path / "A.png")
    assert cli.main(["session", "create", str(tmp_path / "s")]) == 0
    assert cli.main(["session", "add", str(tmp_path / "s"), str(tmp_path / "A.png"), "--keep-names"]) == 0
    return tmp_path / "s"


def run_import(session: Path, path: Path) -> int:
    return cli.main(["session", "import", str(session), str(path), "--reader", "Ann"])


@pytest.mark.parametrize("ending", ["tif", "bmp"])
def test_a_mask_in_tiff_or_bmp_is_imported(ending: str, session: Path, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    Image.fromarray(lungs(2)).save(tmp_path / "m" / f"A.{ending}")
    assert run_import(session, tmp_path / "m") == 0
    with Session(session, write=False) as opened:
        assert np.array_equal(opened.mask(opened.versions()[0]), lungs(2))


def test_a_mask_in_jpeg_is_refused_with_what_to_do(session: Path, tmp_path: Path, capsys) -> None:
    Image.fromarray(lungs(2)).save(tmp_path / "A.jpg")
    assert run_import(session, tmp_path / "A.jpg") == 1
    assert "A.jpg: is a JPEG, which changes labels. Save the mask as PNG" in capsys.readouterr().err


def test_a_colored_mask_in_an_archive_is_named_with_its_archive(
    session: Path, tmp_path: Path, capsys
) -> None:
    file = io.BytesIO()
    Image.fromarray(np.stack([lungs(2) * 90, lungs(2) * 0, lungs(2) * 50], -1)).save(file, "PNG")
    path = pack(tmp_path / "cvat.zip", {"SegmentationClass/A.png": file.getvalue()})
    assert run_import(session, path) == 1
    said = capsys.readouterr().err
    assert said == f"{path}: A.png: {COLORS}\n"


@pytest.mark.parametrize("letter", ["a", "ö"])
def test_names_as_long_as_the_file_system_takes(letter: str, models: Path, tmp_path: Path) -> None:
    size = 251 // len(letter.encode())
    inbox = tmp_path / "in"
    inbox.mkdir()
    for last in "xy":
        Image.fromarray(chest()).save(inbox / "p.png")
        (inbox / "p.png").rename(inbox / f"{letter * (size - 1)}{last}.png")
    out = tmp_path / "out"
    arguments = ["segment", str(inbox), "--output", str(out), "--overlay", "--format", "nifti"]
    assert cli.main([*arguments, "--device", "cpu"]) == 0
    written = sorted(path.name for path in out.iterdir())
    assert len(written) == 4 and all(len(name.encode()) <= 255 for name in written)
    assert cli.main(["session", "create", str(tmp_path / "s"), "--references"]) == 0
    assert cli.main(["session", "add", str(tmp_path / "s"), str(inbox)]) == 0


def test_cut_names_stay_apart() -> None:
    names = output_names([f"{'a' * 250}{i}.png" for i in range(9)] + ["a.png"], (".nrrd", "-overlay.png"))
    assert len(set(names)) == 10 and names[-1] == "a" and max(map(len, names)) == 255 - len("-overlay.png")
