"""Commands in the documents parse, and quick ones run; Python in them runs; links and file names exist."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from cxradain import cli
from cxradain.commands.training_options import recipe
from cxradain.setup import commands as run_py
from cxradain.training.batches import check_parts
from cxradain.training.options import PRESETS
from PIL import Image as Picture

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "Docs").glob("*.md"))]
DOCUMENTS += [ROOT / "Testing" / "README.md"]
LINKED = [*DOCUMENTS, ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"]
LINKED += sorted((ROOT / "Resources").rglob("*.md"))
SAMPLES = ROOT / "Resources" / "SampleData"
SAMPLE, DICOM = SAMPLES / "v7cohen__53c9be49.jpg", SAMPLES / "hannover__88859dc1.dcm"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINE = re.compile(r"^(?: {4}|\$ )?((?:python3 run\.py|cxradain|torchrun|srun) .*)$", re.M)
INLINE = re.compile(r"`((?:python3 run\.py|cxradain)\s[^`]*)`")
# What a command that trains, or measures on a data set, needs is not here.
NOT_RUN = re.compile(r" train | --data | --reference ")


def commands_of(text: str) -> tuple[list[str], list[str]]:
    """Lines of code that begin with the program, and the same in backticks; `a|b|c` is a command each."""
    joined = re.sub(r" *\\\n *", " ", text)
    # What stands behind a command, after spaces, says what it does.
    lines = [re.split(r"\s{3,}|\s+#", line)[0] for line in LINE.findall(joined)]
    inline = [" ".join(code.split()) for code in INLINE.findall(FENCED.sub("", joined))]
    return [each for line in lines for each in _each(line)], [each for line in inline for each in _each(line)]


def _each(line: str) -> list[str]:
    choices = re.search(r"\S+(?:\|\S+)+", line)
    return [line.replace(choices.group(), word) for word in choices.group().split("|")] if choices else [line]


FOUND = [(path.name, *commands_of(path.read_text("utf-8"))) for path in DOCUMENTS]
SHOWN = sorted({(name, line) for name, lines, _ in FOUND for line in lines})
MENTIONED = sorted({(name, line) for name, _, inline in FOUND for line in inline} - set(SHOWN))


def words(line: str) -> list[str]:
    """`cxradain` or `run.py`, and what follows it."""
    line = re.sub(r"^.*-m cxradain |^.*run\.py cxradain |^cxradain ", "cxradain ", line)
    return [word for word in shlex.split(line.replace("python3 run.py ", "run.py ")) if word != "..."]


def is_a_name(line: str) -> bool:
    """Whether a command is only named, as `cxradain session verify` may be, without what it needs."""
    return all(re.fullmatch("[a-z]+", word) for word in words(line)[1:])


def named(commands: list[tuple[str, str]]) -> dict:
    return {"argvalues": commands, "ids": [f"{name}: {line}" for name, line in commands]}


def test_documents_have_commands_to_check():
    assert len(SHOWN) > 30
    assert len(MENTIONED) > 10
    assert commands_of("Say `cxradain session\nverify` or\n\n    cxradain info A|B   # which\n") == (
        ["cxradain info A", "cxradain info B"],
        ["cxradain session verify"],
    )


@pytest.mark.parametrize(("document", "line"), **named(SHOWN + MENTIONED))
def test_every_documented_command_parses(document, line, capsys):
    program, *rest = words(line)
    if program == "cxradain":
        try:
            named_only = (document, line) in MENTIONED and is_a_name(line)
            options = cli.parser().parse_args([*rest, "--help"] if named_only else rest)
        except SystemExit as stop:
            assert stop.code == 0, f"{document}: {line}\n{capsys.readouterr().err}"
        else:
            assert callable(options.run)
    else:
        assert program == "run.py", line
        command, *more = rest
        if command == "bench" and not more:
            assert run_py.benchmarks()
        else:
            assert run_py.plan(command, more)[1]
        if command == "demo":
            options = {word for word in more if word.startswith("--")} - {"--help"}
            assert all(option in run_py.HELP for option in options)


@pytest.mark.parametrize("line", [line for _, line in SHOWN if "train base" in line or "--stage" in line])
def test_a_training_has_images_for_every_process(line):
    options = cli.parser().parse_args(words(line)[1:])
    for stage in recipe(PRESETS[options.preset], options).stages:
        check_parts(PRESETS[options.preset], stage, int(options.devices) * options.num_nodes)


# --- run ----------------------------------------------------------------------------------------------------

RUN = sorted(
    {
        (words(line)[1], line)
        for _, line in SHOWN
        if words(line)[0] == "cxradain" and not NOT_RUN.search(line) and "--help" not in line
    }
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A folder with a session of one radiograph, which a reader has corrected, a mask of it, and a model."""
    folder = tmp_path_factory.mktemp("documents")
    session, mask = folder / "session", folder / "mask" / "image-0001.png"
    assert cli.main(["segment", str(SAMPLE), "--output", str(mask.parent), "--format", "png"]) == 0
    next(mask.parent.glob("*.png")).rename(mask)
    pixels = np.array(Picture.open(mask))
    pixels[np.flatnonzero(pixels.any(axis=1))[:5]] = 0  # what the reader has corrected
    Picture.fromarray(pixels).save(mask)
    for given in (
        ["create", session],
        ["add", session, SAMPLE],
        ["segment", session],
        ["import", session, mask, "--reader", "Ann"],
    ):
        assert cli.main(["session", *map(str, given)]) == 0, given
    shutil.copytree(ROOT / "Resources" / "Models" / "compact", session / "rounds" / "first" / "model")
    return folder


def test_quick_commands_of_every_kind_are_run():
    lines = " ".join(line for _, line in RUN)
    for part in ("segment I", "translate", "info", "create", "add", "session segment", "status", "verify"):
        assert part in lines
    for part in (
        "rebuild",
        "import",
        "png",
        "nifti",
        "nnunet",
        "coco",
        "dicom-seg",
        "list",
        "promote",
        "rollback",
    ):
        assert part in lines


@pytest.mark.parametrize(("_", "line"), **named(RUN))
def test_a_quick_command_succeeds(_, line, prepared, tmp_path, monkeypatch, capsys):
    """With a bundled radiograph, a session of it and the shipped model in place of what stands for them."""
    if "dicom-seg" in line:
        pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    here: dict = dict.fromkeys(("IMAGE_OR_FOLDER", "IMAGES", "IMAGE"), SAMPLE)
    here |= {"DIR": tmp_path / "session", "OUT": tmp_path / "out", "NAME": "Bob"}
    here["MASK"] = prepared / "mask" / "image-0001.png"
    here["KEY"] = next((prepared / "session" / "images").glob("*.json")).stem
    here["MODEL"] = here["DIR"] / "rounds" / "first" / "model"
    if " create " not in line:
        shutil.copytree(prepared / "session", here["DIR"])
    if " rollback" in line:
        assert cli.main(["models", "promote", str(here["MODEL"])]) == 0
    given = [re.sub(r"[A-Z_]{3,}", lambda name: str(here[name.group()]), word) for word in words(line)[1:]]
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert cli.main(given) == 0, capsys.readouterr().err
    assert capsys.readouterr().out
    if "--output" in given or "create" in given:
        assert {path for path in tmp_path.rglob("*") if path.is_file()} > before


def test_export_without_corrections_is_refused(tmp_path, capsys):
    """As Docs/command-line.md says, and that --status auto exports the model's masks."""
    session = str(tmp_path / "session")
    for line in ("create", "add", "segment"):
        assert cli.main(["session", line, session, *([str(SAMPLE)] if line == "add" else [])]) == 0
    export = ["session", "export", session, "--format", "png", "--output", str(tmp_path / "out")]
    assert cli.main(export) == 2
    assert "--status auto" in capsys.readouterr().err
    assert cli.main([*export, "--status", "auto"]) == 0


SNIPPETS = [
    (path.name, code)
    for path in DOCUMENTS
    for language, code in FENCED.findall(path.read_text("utf-8"))
    if language == "python"
]


def test_python_snippets_stand_where_they_are_run():
    """Those of python.md in test_public_face.py, of slicer.md in Testing/panel/test_scripting.py."""
    assert {name for name, _ in SNIPPETS} == {"python.md", "slicer.md"}


# --- links --------------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", path.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", LINKED, ids=[str(path.relative_to(ROOT)) for path in LINKED])
def test_links_and_pictures_lead_somewhere(path):
    text = FENCED.sub("", path.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target:
            name, _, anchor = target.partition("#")
            aim = (path.parent / name) if name else path
            assert aim.exists(), target
            assert not anchor or anchor in anchors(aim), target
    places = r"`((?:CXRAdaINSeg|Docs|Resources|Testing|desktop|requirements|trainer)/[^\s`]*)`"
    for place in re.findall(places, text):
        assert [*ROOT.glob(place.rstrip("/"))], place


FOLDERS = ("trainer", "CXRAdaINSeg", "desktop", "Testing", "Resources", "requirements")
CODE = [ROOT / "run.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
OF_SLICER = {"PyTorchUtils.py", "slicerqt.py", "update_translations.py"}
OF_SLICER |= {"check_description_files.py", "extension_ai_analysis.py"}  # of its index


def test_files_named_in_documents_docstrings_and_comments_exist():
    """By their last folders and name: a moved or renamed file takes its mentions along."""
    present = ["/" + path.relative_to(ROOT).as_posix() for path in CODE]
    missing = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in (*CODE, *LINKED)
        if path.name != "CHANGELOG.md"
        for name in re.findall(r"`((?:[\w-]+/)*\w+\.py)`", path.read_text("utf-8"))
        if not any(file.endswith("/" + name) for file in present) and Path(name).name not in OF_SLICER
    ]
    assert not missing, missing
