"""The engine as a process: its replies, cancelling, and that it never outlives its parent."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cxradain.engine.protocol import VERSION
from cxradain.imaging.quality import MaskQuality
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.clicks import Click
from cxradain.models.segmenter import Segmenter
from engine_client import Engine, EngineError
from process_life import alive, soon
from small_models import chest, save_small_model

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLE = CHECKOUT / "Resources" / "SampleData" / "kermany_pneumonia__person1565_bacteria_4095.jpeg"
ENGINE = [sys.executable, "-m", "cxradain.engine"]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return save_small_model(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="module")
def engine(model) -> Iterator[Engine]:
    with Engine() as engine:
        engine.request("load", model=str(model), device="cpu")
        yield engine


def test_engine_describes_itself(engine):
    told = engine.request("hello").header
    assert told["protocol"] == engine.info["protocol"] == VERSION
    assert {"python", "backend", "version", "models"} <= told.keys()
    assert told["devices"][0]["name"] == "cpu"


def test_a_prediction_equals_that_of_the_segmenter(engine, model):
    radiograph = read_radiograph(SAMPLE)
    expected = Segmenter(model, device="cpu").predict(radiograph, "teacher", explain=True)
    told: list[tuple[float, str]] = []
    views = ["probability", "as_normal", "disagreement"]
    got = engine.request(
        "predict",
        {"pixels": radiograph.pixels},
        on_progress=lambda done, text: told.append((done, text)),
        key="a",
        mode="teacher",
        views=views,
        **radiograph.to_json(),
    )
    np.testing.assert_array_equal(got.arrays["labels"], expected.labels)
    for view in views:
        assert got.arrays[view].dtype == np.uint8
        assert np.abs(got.arrays[view] / 255 - getattr(expected, view)).max() <= 0.51 / 255
    assert got.header["disagreement_score"] == pytest.approx(expected.disagreement_score)
    assert MaskQuality.from_json(got.header["quality"]) == expected.quality
    assert got.header["model_id"] == "small 1"
    assert told and all(0 <= done <= 1 for done, _ in told)


def test_a_click_changes_the_labels_in_a_box(engine):
    pixels = chest()
    engine.request("predict", {"pixels": pixels}, key="drawn")
    labels = np.zeros(pixels.shape, np.uint8)
    labels[30:60, 20:50] = 1
    got = engine.request("refine", {"labels": labels}, key="drawn", click=Click(70, 36, "add", 1).to_json())
    r0, r1, c0, c1 = got.header["box"]
    after = labels.copy()
    after[r0:r1, c0:c1] = got.arrays["patch"]
    assert after[70, 36] == 1
    assert np.count_nonzero(after != labels) == got.header["changed"] > 0
    assert (after[labels == 1] == 1).all()


def test_an_image_sent_with_the_click_needs_no_prediction(engine):
    pixels = chest()
    labels = np.zeros(pixels.shape, np.uint8)
    click = Click(75, 36, "add", 2).to_json()
    got = engine.request("refine", {"labels": labels, "pixels": pixels}, key="fresh", click=click)
    assert got.header["changed"] > 0


def test_loading_a_model_forgets_earlier_predictions(engine, model):
    pixels = chest()
    engine.request("predict", {"pixels": pixels}, key="kept")
    engine.request("load", model=str(model), device="cpu")
    labels = np.zeros(pixels.shape, np.uint8)
    got = engine.request("refine", {"labels": labels}, key="kept", click=Click(75, 36, "add", 1).to_json())
    assert got.header["changed"] > 0


PIXELS = {"pixels": chest()}
LABELS = {"labels": np.zeros(PIXELS["pixels"].shape, np.uint8)}
ADD = Click(5, 5, "add", 1).to_json()
CLICK = {"key": "drawn", "click": ADD}


@pytest.mark.parametrize(
    ("code", "do", "arrays", "fields"),
    [
        ("unknown_image", "refine", LABELS, CLICK | {"key": "never seen"}),
        ("model", "load", {}, {"model": "/no/such model"}),
        ("device", "load", {}, {"device": "abacus"}),
        ("radiograph", "predict", {"pixels": np.zeros((50, 50), np.uint8)}, {"key": "flat"}),
        ("radiograph", "predict", {"pixels": np.eye(4, dtype=np.uint8)}, {"key": "tiny"}),
        ("radiograph", "predict", {"pixels": np.full((50, 50), np.nan, np.float32)}, {"key": "nan"}),
        ("internal", "predict", {}, {"key": "no pixels"}),
        ("internal", "predict", PIXELS, {}),
        ("internal", "predict", PIXELS, {"key": "x", "mode": "guess"}),
        ("internal", "predict", PIXELS, {"key": "x", "views": ["all"]}),
        ("internal", "refine", LABELS | PIXELS, CLICK | {"click": ADD | {"row": -3}}),
        ("internal", "refine", LABELS | PIXELS, CLICK | {"click": ADD | {"lung": 3}}),
        ("internal", "refine", LABELS | PIXELS, CLICK | {"click": ADD | {"action": "paint"}}),
        ("internal", "refine", LABELS | PIXELS, CLICK | {"click": {"row": 5}}),
        ("internal", "refine", {"labels": np.zeros((3, 3), np.uint8)} | PIXELS, CLICK),
        ("internal", "dance", {}, {}),
    ],
)
def test_a_failed_request_is_answered_with_an_error_and_the_next_succeeds(engine, code, do, arrays, fields):
    with pytest.raises(EngineError) as caught:
        engine.request(do, arrays, **fields)
    assert caught.value.code == code
    assert str(caught.value)
    assert engine.request("hello").header["kind"] == "result"


def test_a_model_is_tried_beside_the_one_that_is_loaded(engine, model, tmp_path):
    engine.request("load", model=str(model), device="cpu")
    assert engine.request("try", model=str(model)).header["kind"] == "result"
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    weights = broken / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(EngineError, match=r"weights\.safetensors") as caught:
        engine.request("try", model=str(broken))
    assert caught.value.code == "model"
    assert engine.request("predict", PIXELS, key="x").header["model_id"] == "small 1"


def test_a_queued_request_can_be_cancelled(engine):
    first = engine.send("predict", PIXELS, key="first")
    second = engine.send("predict", PIXELS, key="second")
    engine.cancel(second)
    assert "labels" in engine.wait(first).arrays
    with pytest.raises(EngineError) as caught:
        engine.wait(second)
    assert caught.value.code == "cancelled"


def test_cancelling_a_finished_request_is_no_error(engine):
    done = engine.send("hello")
    engine.wait(done)
    engine.cancel(done)
    assert engine.request("hello").header["kind"] == "result"


def test_prints_do_not_break_the_stream():
    code = (
        "import os, sys; from cxradain.engine.server import main\n"
        "class Loud:\n"
        "    def info(self):\n"
        "        return {}\n"
        "    def do(self, *arguments):\n"
        "        print('a library prints', flush=True)\n"
        "        os.write(1, b'and another writes')\n"
        "        assert os.read(0, 1) == b''\n"
        "        return {}, {}\n"
        "sys.exit(main('__main__:Loud'))\n"
    )
    with Engine([sys.executable, "-c", code]) as loud:
        assert loud.request("hello").header["kind"] == "result"


def test_a_crashed_engine_is_reported_with_its_last_output():
    with Engine() as doomed:
        doomed.process.kill()
        with pytest.raises(EngineError, match="ended") as caught:
            doomed.request("hello")
        assert caught.value.code == "gone"


def test_a_program_that_is_no_engine_is_reported():
    with pytest.raises(EngineError, match="Welcome"):
        Engine([sys.executable, "-c", "print('Welcome to this host'); import time; time.sleep(60)"])
    with pytest.raises(EngineError, match="cannot be started"):
        Engine(["/no/such python"])


def test_a_python_that_cannot_import_a_backend_says_so(tmp_path, monkeypatch):
    for name in ("onnxruntime", "torch"):
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError('No module', name={name!r})\n")
    starts = "import sys; sys.path.insert(0, sys.argv[1]); from cxradain.engine.server import main; main()"
    with pytest.raises(EngineError, match="lacks the package torch"):
        Engine([sys.executable, "-c", starts, str(tmp_path)])


def test_engine_ends_when_its_input_ends():
    with subprocess.Popen(ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables()) as process:
        assert b"ready" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(20) == 0


def test_engine_ends_when_its_input_is_no_message():
    with subprocess.Popen(ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables()) as process:
        assert b"ready" in process.stdout.readline()
        process.stdin.write(b"this is no frame\n")
        process.stdin.flush()
        assert process.wait(20) == 0


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_engine_ends_when_its_parent_is_killed():
    parent = "import time; from engine_client import Engine; e = Engine(); "
    parent += "print(e.process.pid, flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, env=variables()) as process:
        engine = int(process.stdout.readline())
        assert alive(engine)
        process.send_signal(signal.SIGKILL)
    assert soon(lambda: not alive(engine))


def variables() -> dict[str, str]:
    paths = (CHECKOUT / "trainer", Path(__file__).parent)
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}


SERVICE = """
import os, sys, threading, time
from cxradain import frames
from cxradain.engine import server
class Service:
    def info(self):
        return {}
    def do(self, request, report):
        kind = request.header.get("kind")
        if kind == "large":
            return {"text": "x" * (2 << 20)}, {}
        if kind == "odd":
            return {"value": float("nan")}, {}
        if kind == "waits":
            time.sleep(60)
        if kind == "memory":
            raise MemoryError
        return {"kind": "result"}, {}
if "short of memory" in sys.argv:
    def empty(*arguments):
        raise MemoryError
    frames.np.empty = empty
if "another error" in sys.argv:
    def feed(self, data):
        raise RuntimeError("nobody has foreseen this")
    frames.FrameReader.feed = feed
service = sys.modules["served"] = type(sys)("served")
service.Service = Service
sys.exit(server.main("served:Service"))
"""


def served(*words: str) -> Engine:
    """An engine whose service does what a request's `kind` says."""
    return Engine([sys.executable, "-c", SERVICE, *words])


@pytest.mark.parametrize("kind", ["large", "odd", "memory"])
def test_an_answer_that_cannot_be_sent_is_an_error_and_the_next_request_is_answered(kind):
    with served() as engine:
        with pytest.raises(EngineError) as caught:
            engine.request("x", kind=kind)
        assert caught.value.code == "internal"
        assert engine.request("x").header["kind"] == "result"


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": [1], "do": "x"}',
        b'{"id": {}, "do": "x"}',
        b'{"id": NaN, "do": "x"}',
        b'{"id": 1e999, "do": "x"}',
        b'{"id": "\\ud800", "do": "x"}',
        b'{"id": "' + b"x" * 900_000 + b'", "do": "x"}',
        b'{"do": "cancel", "of": [1]}',
        b'{"do": "cancel", "of": {"a": 1}}',
        b'{"do": ["x"]}',
        b"{}",
    ],
)
def test_odd_ids_are_no_end_of_the_engine(line):
    with served() as engine:
        engine.process.stdin.write(line + b"\n")
        engine.process.stdin.flush()
        assert engine.request("x").header["kind"] == "result"


ARRAY = b'{"id": 1, "do": "x", "arrays": [{"name": "a", "dtype": "|u1", "shape": [4], "bytes": 4}]}\nabcd'


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (("short of memory",), ARRAY),
        (("another error",), b"{}\n"),
        ((), b'{"id": 1, "arrays": [{"name": "a", "dtype": "|u1", "shape": [1e999], "bytes": 4}]}\n'),
        ((), b'{"id": 1, "do": "x", "kind": "waits"}\n'),
    ],
    ids=["no memory", "an error of another kind", "a shape of infinity", "a request that takes long"],
)
def test_the_engine_ends_soon_whatever_comes_and_never_outlives_its_input(words, sent):
    engine = served(*words)
    try:
        engine.process.stdin.write(sent)
        engine.process.stdin.flush()
        engine.process.stdin.close()
        assert engine.process.wait(30) == 0
    finally:
        engine.process.kill()
        engine.stop()
