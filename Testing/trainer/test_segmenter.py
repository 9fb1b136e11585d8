"""The segmenter: its predictions, the three modes, batches, and the memory it takes."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from cxradain.imaging.assessment import UpperPart, assess
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.letterbox import Letterbox
from cxradain.imaging.lungs import FLAG_TEXT, clean_probability, most_probable_labels
from cxradain.imaging.radiograph import Radiograph, RadiographError
from cxradain.models import devices
from cxradain.models.model import AdaINModel, load_model, save_model
from cxradain.models.segmenter import Segmenter, disagreement_score
from cxradain.models.tasks import MODES
from cxradain.models.weights import model_id
from small_models import chest, drawn, save_small_model, small_model


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(small_model(), device="cpu")


@pytest.mark.parametrize("mode", MODES)
def test_masks_have_the_radiographs_size_and_explanations_come_only_on_request(
    segmenter: Segmenter, mode: str
) -> None:
    found = segmenter.predict(drawn(height=301, width=199), mode)
    assert found.labels.shape == found.probability.shape == (301, 199)
    assert found.labels.dtype == np.uint8 and found.probability.dtype == np.float32
    assert set(np.unique(found.labels)) <= {0, 1, 2}
    assert found.probability.min() >= 0 and found.probability.max() <= 1 + 1e-6
    assert np.array_equal(found.right, found.labels == 1) and np.array_equal(found.left, found.labels == 2)
    assert set(found.flags) <= set(FLAG_TEXT)
    assert (found.mode, found.device, found.notes) == (mode, "cpu", ())
    assert found.quality is not None and 0 <= found.quality.score <= 1
    assert segmenter.predict(drawn(), mode, quality=False).quality is None
    assert found.as_normal is None and found.disagreement is None and found.disagreement_score is None


@pytest.mark.parametrize("mode", MODES)
def test_a_prediction_is_the_pipeline_written_out(segmenter: Segmenter, mode: str) -> None:
    model, radiograph = small_model(), drawn()
    letterbox = Letterbox(radiograph.shape, 64)
    image = torch.from_numpy(letterbox.to_canvas(radiograph.intensities()))[None, None] * 2 - 1
    with torch.inference_mode():
        probability = model.segment(image, mode).softmax(1)[0].numpy()
    enlarged = letterbox.from_canvas(clean_probability(probability))
    found = segmenter.predict(radiograph, mode)
    assert np.array_equal(found.labels, most_probable_labels(enlarged))
    assert np.allclose(found.probability, enlarged[1:].sum(0), atol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_the_quality_compares_the_whole_with_what_is_above_the_foot(segmenter: Segmenter, mode: str) -> None:
    radiograph = drawn(height=301, width=199)
    found, letterbox = segmenter.predict(radiograph, mode), Letterbox(radiograph.shape, 64)
    part = UpperPart(letterbox)
    image = torch.from_numpy(part.to_canvas(radiograph.intensities()))[None, None] * 2 - 1
    with torch.inference_mode():
        upper = small_model().segment(image, mode).softmax(1)[0].numpy()
    cleaned = clean_probability(found.canvas_probability)
    expected = assess(cleaned, found.canvas_probability, part.on_whole(upper), letterbox)
    assert found.quality.score == pytest.approx(expected.score, abs=1e-3)
    assert found.quality.flags == expected.flags == found.flags
    together = segmenter.predict_batch([drawn(), radiograph], mode)[1]
    assert together.quality.score == pytest.approx(expected.score, abs=1e-3)


def test_the_modes_differ(segmenter: Segmenter) -> None:
    student, teacher, direct = (segmenter.predict(drawn(), mode).probability for mode in MODES)
    assert not np.allclose(student, direct, atol=1e-3)
    assert not np.allclose(teacher, direct, atol=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_explanations_compare_the_two_modes_and_change_no_mask(segmenter: Segmenter, mode: str) -> None:
    radiograph = drawn()
    plain, found = segmenter.predict(radiograph, mode), segmenter.predict(radiograph, mode, explain=True)
    assert np.array_equal(plain.labels, found.labels)
    assert found.as_normal.shape == found.disagreement.shape == radiograph.shape
    assert found.as_normal.min() >= 0 and found.as_normal.max() <= 1
    other = segmenter.predict(radiograph, "student" if mode == "teacher" else "teacher")
    assert 0 < found.disagreement_score < 1
    # Enlarging and taking the absolute difference change places, so the maps agree but at crossings of zero.
    assert np.mean(np.abs(found.disagreement - np.abs(plain.probability - other.probability))) < 0.01


def test_disagreement_score_runs_from_alike_to_nothing_in_common() -> None:
    a, b, none = np.zeros((3, 8, 8))
    a[:4], b[4:] = 1, 1
    assert disagreement_score(a, a) == 0
    assert disagreement_score(a, b) == 1
    assert disagreement_score(none, none) == 0
    assert disagreement_score(a, none) == 1
    assert disagreement_score(a, a / 2) == pytest.approx(0.5)


def test_the_same_radiograph_gives_the_same_bits(segmenter: Segmenter) -> None:
    first, second = (segmenter.predict(drawn(), explain=True) for _ in range(2))
    for name in ("labels", "probability", "as_normal", "disagreement", "disagreement_score"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_a_batch_of_different_sizes_is_as_one_by_one(segmenter: Segmenter) -> None:
    shapes = [(150, 120), (90, 140), (64, 64), (200, 70)]
    radiographs = [drawn(f"r{i}", height=h, width=w, seed=i) for i, (h, w) in enumerate(shapes)]
    for together, radiograph in zip(segmenter.predict_batch(radiographs), radiographs, strict=True):
        alone = segmenter.predict(radiograph)
        assert together.radiograph is radiograph
        assert np.allclose(together.probability, alone.probability, atol=1e-4)
        assert np.mean(together.labels != alone.labels) < 1e-3
    assert segmenter.predict_batch([]) == []


def test_an_inverted_radiograph_gives_the_same_lungs_and_is_not_changed(segmenter: Segmenter) -> None:
    radiograph = drawn()
    negative = dataclasses.replace(
        radiograph, pixels=4095 - radiograph.pixels, facts=ImageFacts(inverted=True)
    )
    before = negative.pixels.copy()
    assert np.allclose(
        segmenter.predict(negative).probability, segmenter.predict(radiograph).probability, atol=1e-2
    )
    assert np.array_equal(negative.pixels, before)


def test_a_blank_radiograph_is_refused_with_its_name(segmenter: Segmenter) -> None:
    blank = Radiograph(np.full((80, 70), 1234, np.uint16), "blank-plate")
    with pytest.raises(RadiographError, match="blank-plate"):
        segmenter.predict(blank)
    with pytest.raises(RadiographError, match="blank-plate"):
        segmenter.predict_batch([drawn(), blank])


def test_unknown_modes_and_precisions_are_refused(segmenter: Segmenter) -> None:
    with pytest.raises(ValueError, match=r"pupil.*student"):
        segmenter.predict(drawn(), "pupil")
    with pytest.raises(ValueError, match=r"fp8.*bf16"):
        Segmenter(small_model(), device="cpu", precision="fp8")


def test_bf16_stays_near_fp32(segmenter: Segmenter) -> None:
    reduced = Segmenter(small_model(), device="cpu", precision="bf16").predict(drawn())
    assert np.abs(reduced.probability - segmenter.predict(drawn()).probability).mean() < 0.05


def test_a_model_is_cited_by_name_and_version_or_by_its_weights(tmp_path) -> None:
    assert Segmenter(save_small_model(tmp_path), device="cpu").model_id == "small 1"
    states = (small_model(seed).state_dict() for seed in (0, 0, 1))
    one, again, other = (model_id({}, {name: v.numpy() for name, v in state.items()}) for state in states)
    assert one == again != other
    assert len(one) == 12 and int(one, 16) >= 0


def test_a_model_on_disk_gives_what_the_one_in_memory_does(tmp_path, segmenter: Segmenter) -> None:
    loaded = Segmenter(load_model(save_small_model(tmp_path)), device="cpu").predict(drawn())
    assert np.abs(loaded.probability - segmenter.predict(drawn()).probability).mean() < 0.01


def test_another_network_can_take_the_models_place() -> None:
    class Halves(torch.nn.Module):
        """Calls the left half of every image right lung, the other left lung."""

        config, card = small_model().config, {"name": "halves", "version": "0"}

        def segment(self, image, mode="direct"):
            logits = torch.zeros(len(image), 3, *image.shape[2:])
            logits[:, 1, :, :32], logits[:, 2, :, 32:] = 9, 9
            return logits

    found = Segmenter(Halves(), device="cpu").predict(drawn(height=100, width=100), "direct")
    assert found.right[:, :49].all() and found.left[:, 51:].all()
    assert found.model_id == "halves 0"


def test_a_model_that_is_trained_on_does_not_change_its_segmenter() -> None:
    model = small_model()
    kept = Segmenter(model, device="cpu")
    before = kept.predict(drawn())
    with torch.no_grad():
        model.generator.to_mask.conv.weight.zero_()
    assert np.array_equal(kept.predict(drawn()).probability, before.probability)


def test_the_pixels_are_not_changed(segmenter: Segmenter) -> None:
    radiograph = drawn()
    segmenter.predict(radiograph, explain=True)
    assert np.array_equal(radiograph.pixels, chest())


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's kernel, in KiB")
def test_a_large_radiograph_takes_little_memory(tmp_path) -> None:
    model = save_model(AdaINModel(), tmp_path, {"name": "default sizes", "version": "0"})
    code = (
        "import re, sys\n"
        "import numpy as np\n"
        "from cxradain.imaging.radiograph import Radiograph\n"
        "from cxradain.models.segmenter import Segmenter\n"
        "pixels = np.random.default_rng(0).integers(0, 4096, (2500, 2000), np.uint16)\n"
        "found = Segmenter(sys.argv[1], 'cpu').predict(Radiograph(pixels, 'large'), explain=True)\n"
        "assert found.labels.shape == found.as_normal.shape == (2500, 2000)\n"
        # Not getrusage, which counts what this process's parent had used when it started it.
        "print(int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]) / 2**20)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(devices.__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code, str(model)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 0.6, "GiB, the interpreter and ONNX Runtime included"
