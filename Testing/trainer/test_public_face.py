"""The package's public face: it costs nothing to import and is whole, and the worked example runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cxradain
import pytest
from small_models import save_small_model
from training_data import make_training_folder

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "Docs" / "python.md"


def run_alone(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "trainer")}
    words = [sys.executable, "-c", code]
    return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout


def test_import_loads_nothing_but_the_standard_library():
    heavy = run_alone(
        "import sys; before = set(sys.modules); import cxradain; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    assert heavy.split() == ["cxradain"]


@pytest.mark.parametrize("name", ["Session", "Registry", "read_radiograph", "add_file", "ROUND", "Segmenter"])
def test_what_needs_no_torch_loads_none(name):
    assert run_alone(f"import sys; from cxradain import {name}; print('torch' in sys.modules)") == "False\n"


def test_every_public_name_is_there_and_no_other():
    assert {name for names in cxradain.PUBLIC.values() for name in names} | {"CxradainError"} == set(
        cxradain.__all__
    )
    for name in cxradain.__all__:
        assert getattr(cxradain, name).__doc__, name
        assert name in dir(cxradain)
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        _ = cxradain.nothing_of_ours


@pytest.fixture
def in_a_folder(tmp_path, monkeypatch) -> Path:
    """A working folder with what the document's snippets name, and a small model in use."""
    samples = ROOT / "Resources" / "SampleData"
    shutil.copytree(samples, tmp_path / "radiographs")
    shutil.copy(next(samples.glob("*.dcm")), tmp_path / "chest.dcm")
    make_training_folder(tmp_path / "reference", None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CXRADAIN_MODELS", str(save_small_model(tmp_path / "models" / "compact").parent))
    # One image in six is set aside, the first, not by chance.
    monkeypatch.setattr("cxradain.sessions.contents.is_drawn", lambda secret, image: image.sequence == 1)
    return tmp_path


def run_snippet(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, str(DOCUMENT), "exec"), names)
    return names


def test_the_documents_examples_run(in_a_folder, capsys):
    example, prediction, comparison = re.findall(
        r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL
    )
    names = run_snippet(example)
    result, registry = names["result"], names["registry"]
    assert result.judgement.decision.verdict == "too few to tell"
    assert "Too few to tell" in capsys.readouterr().out
    assert (in_a_folder / "round" / "model" / "weights.safetensors").is_file()
    assert len(registry.models()) == 2 and registry.current().bundled, "promoted, then rolled back"
    found = run_snippet(prediction)["prediction"]
    assert found.as_normal.shape == found.labels.shape == found.probability.shape
    assert 0 <= found.disagreement_score <= 1
    judgement = run_snippet(comparison)["judgement"]
    assert {pair.image.set for pair in judgement.pairs} == {"session", "reference"}
