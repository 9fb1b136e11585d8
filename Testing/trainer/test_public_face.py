"""The package's public face: it costs nothing to import and is whole, and the worked example runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cxradain
import pytest
from small_models import save_small_model

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


def test_the_worked_example_of_the_document_runs(tmp_path, monkeypatch, capsys):
    (example,) = re.findall(
        r"^## From a radiograph .*?```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    shutil.copytree(ROOT / "Resources" / "SampleData", tmp_path / "radiographs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CXRADAIN_MODELS", str(save_small_model(tmp_path / "models" / "compact").parent))
    # Nobody is set aside by chance, lest all six samples be.
    monkeypatch.setattr("cxradain.sessions.store.is_drawn", lambda secret, image: image.sequence == 1)
    given: dict[str, object] = {}
    exec(compile(example, str(DOCUMENT), "exec"), given)
    result, registry = given["result"], given["registry"]
    assert result.finished and result.judgement.verdict == "too few to tell"
    assert "Too few to tell" in capsys.readouterr().out
    assert (tmp_path / "round" / "model" / "weights.safetensors").is_file()
    assert len(registry.models()) == 2 and registry.current().bundled, "promoted, then rolled back"
