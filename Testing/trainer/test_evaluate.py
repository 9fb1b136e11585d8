"""Data sets and evaluation, on small data sets drawn for the purpose and on the shared masks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from cxradain.datasets import DatasetError, DatasetImage, images_of_split, read_manifest, read_mask
from cxradain.evaluation.evaluate import compare, evaluate, evaluate_unlabelled
from cxradain.evaluation.metrics import METRICS, REGIONS
from cxradain.files import write_json
from cxradain.imaging.lungs import FLAG_TEXT, LEFT, RIGHT
from cxradain.imaging.quality import MaskQuality
from cxradain.imaging.radiograph import Radiograph, RadiographError
from PIL import Image

HEADER = "id,split,source,patient_group,mask,redistributable"
SIDE = 20  # of each drawn lung, pixels


def reference() -> np.ndarray:
    mask = np.zeros((60, 80), np.uint8)
    mask[20:40, 10:30], mask[20:40, 50:70] = RIGHT, LEFT
    return mask


def write_dataset(folder: Path, rows: list[str], header: str = HEADER) -> Path:
    """A data set of alike radiographs: noise outside, darker lungs, one file an id."""
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    (folder / "manifest.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    rng = np.random.default_rng(0)
    for row in rows:
        name = row.split(",")[0]
        pixels = rng.integers(120, 220, (60, 80)) - 80 * (reference() > 0)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / "images" / f"{name}.png")
        Image.fromarray(reference()).save(folder / "masks" / f"{name}.png")
    return folder


@dataclass(frozen=True)
class Answer:
    labels: np.ndarray
    flags: tuple[str, ...] = ()
    disagreement_score: float | None = None
    quality: MaskQuality | None = None
    model_id: str = "drawn-1"


class Drawn:
    """A segmenter whose answers are known: `draw` makes them from the radiograph's name."""

    def __init__(self, draw: Callable[[str], Answer]) -> None:
        self.draw = draw

    def predict_batch(
        self,
        radiographs: list[Radiograph],
        mode: str = "student",
        explain: bool = False,
        quality: bool = True,
    ) -> list[Answer]:
        return [self.draw(radiograph.name) for radiograph in radiographs]


def narrower(columns: int) -> np.ndarray:
    """The reference with `columns` pixels gone from each lung's right edge: Dice 2 (20 - c) / (40 - c)."""
    mask = reference()
    mask[:, 30 - columns : 30] = 0
    mask[:, 70 - columns : 70] = 0
    return mask


def dice(columns: int) -> float:
    return 2 * (SIDE - columns) / (2 * SIDE - columns)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    rows = [f"case{at:02},dev,{'one' if at < 6 else 'two'},p{at},masks,yes" for at in range(12)]
    return write_dataset(tmp_path / "data", rows)


def by_number(name: str) -> Answer:
    return Answer(narrower(int(name[-2:])))


def test_metrics_of_known_masks_are_the_expected_numbers(dataset: Path) -> None:
    steps: list[tuple[int, int]] = []
    found = evaluate(
        Drawn(by_number), images_of_split(dataset, "dev"), "direct", lambda *step: steps.append(step)
    )
    expected = [dice(at) for at in range(12)]

    assert (found["split"], found["mode"], found["model"]) == ("dev", "direct", "drawn-1")
    assert list(found["sources"]) == ["one", "two"]
    for part, values in (
        (found["overall"], expected),
        (found["sources"]["one"], expected[:6]),
        (found["sources"]["two"], expected[6:]),
    ):
        assert tuple(part) == REGIONS
        for region in REGIONS:
            assert tuple(part[region]) == METRICS
            assert all(set(numbers) == {"mean", "ci95", "p10", "n"} for numbers in part[region].values())
            assert part[region]["dice"]["mean"] == pytest.approx(np.mean(values))
            assert part[region]["dice"]["p10"] == pytest.approx(np.percentile(values, 10))
            assert part[region]["dice"]["n"] == len(values)
            low, high = part[region]["dice"]["ci95"]
            if part is found["overall"]:
                assert min(values) <= low < part[region]["dice"]["mean"] < high <= max(values)
            else:
                assert np.isnan([low, high]).all(), "six patients are too few"
    # The lungs' outline lies c columns off on one side: its 95th percentile is c, of a diagonal of 100.
    assert found["cases"]["case03"]["right"]["hd95"] == pytest.approx(0.03)
    assert [row["id"] for row in found["worst"]] == [f"case{at:02}" for at in range(11, 1, -1)]
    assert found["worst"][0]["union_dice"] == pytest.approx(dice(11))
    assert found["failed"] == {}
    assert steps == [(8, 12), (12, 12)]


def test_a_lost_lung_counts_as_zero_and_one(dataset: Path) -> None:
    only_right = np.where(reference() == RIGHT, RIGHT, 0).astype(np.uint8)
    found = evaluate(Drawn(lambda name: Answer(only_right)), images_of_split(dataset, "dev"))
    assert found["overall"]["left"]["dice"] == {"mean": 0, "ci95": [0, 0], "p10": 0, "n": 12}
    assert found["overall"]["left"]["hd95"]["mean"] == 1
    assert found["overall"]["right"]["dice"]["mean"] == 1
    assert found["overall"]["union"]["dice"]["mean"] == pytest.approx(2 / 3)


def test_bad_cases_are_reported_and_the_rest_go_on(dataset: Path) -> None:
    (dataset / "images" / "case00.png").unlink()
    (dataset / "images" / "case01.png").write_bytes(b"not an image")
    (dataset / "masks" / "case02.png").unlink()
    Image.fromarray(reference() * 100).save(dataset / "masks" / "case03.png")
    Image.fromarray(reference()[:, :50]).save(dataset / "masks" / "case04.png")

    def draw(name: str) -> Answer:
        if name == "case05":
            raise RadiographError("case05: is as gray as fog")
        return by_number(name)

    found = evaluate(Drawn(draw), images_of_split(dataset, "dev"))
    assert sorted(found["failed"]) == [f"case{at:02}" for at in range(6)]
    assert all("case" in message or "mask" in message for message in found["failed"].values())
    assert "0, 100, 200" in found["failed"]["case03"]
    assert "same field of view" in found["failed"]["case04"]
    assert found["failed"]["case05"] == "case05: is as gray as fog"
    assert sorted(found["cases"]) == [f"case{at:02}" for at in range(6, 12)]
    assert found["overall"]["union"]["dice"]["mean"] == pytest.approx(
        np.mean([dice(at) for at in range(6, 12)])
    )


def test_an_error_of_the_program_is_not_swallowed(dataset: Path) -> None:
    def draw(name: str) -> Answer:
        raise ValueError("no mode 'pupil'")

    with pytest.raises(ValueError, match="pupil"):
        evaluate(Drawn(draw), images_of_split(dataset, "dev"), mode="pupil")


def test_a_reference_of_another_size_is_measured_at_its_own(dataset: Path) -> None:
    large = np.kron(reference(), np.ones((3, 3), np.uint8))
    Image.fromarray(large).save(dataset / "masks" / "case05.png")
    found = evaluate(Drawn(by_number), images_of_split(dataset, "dev"))
    assert found["cases"]["case05"]["union"]["dice"] == pytest.approx(dice(5))


def test_unlabelled_cases_are_described(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "data", [f"adult{at:02},train,nih,p{at},," for at in range(10)])

    def draw(name: str) -> Answer:
        at = int(name[-2:])
        flags = ("ragged", "unequal") if at < 2 else ("ragged",) if at < 4 else ()
        mask = reference()
        if at == 9:
            mask[mask == LEFT] = 0
        return Answer(mask, flags, disagreement_score=at / 10)

    found = evaluate_unlabelled(Drawn(draw), images_of_split(folder, "train"))
    assert found["flags"]["any"]["mean"] == pytest.approx(0.4)
    assert found["flags"]["ragged"]["mean"] == pytest.approx(0.4)
    assert found["flags"]["unequal"]["mean"] == pytest.approx(0.2)
    assert set(found["flags"]) == {"any", *FLAG_TEXT}
    assert (found["area_ratio"]["mean"], found["area_ratio"]["n"]) == (1, 9)
    assert found["disagreement"]["mean"] == found["disagreement"]["p50"] == pytest.approx(0.45)
    labelled = evaluate(Drawn(draw), images_of_split(folder, "train"))
    assert len(labelled["failed"]) == 10 and labelled["overall"]["union"]["dice"]["n"] == 0


def test_comparison_is_of_the_same_cases(dataset: Path, tmp_path: Path) -> None:
    better = evaluate(Drawn(lambda name: Answer(reference())), images_of_split(dataset, "dev"))
    worse = evaluate(Drawn(by_number), images_of_split(dataset, "dev")[1:])
    path = tmp_path / "worse.json"
    write_json(path, worse)
    found = compare(better, json.loads(path.read_text(encoding="utf-8")))
    union = found["overall"]["union"]["dice"]
    assert union["mean"] == pytest.approx(1 - np.mean([dice(at) for at in range(1, 12)]))
    assert 0 < union["ci95"][0] < union["mean"] < union["ci95"][1]
    assert union["n"] == 11
    assert found["sources"]["one"]["union"]["dice"]["n"] == 5
    assert found["left_out"] == ["case00"]
    with pytest.raises(ValueError, match="no case in common"):
        compare(better, {"cases": {}})


def test_json_has_null_for_nan_and_replaces_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "out" / "figures.json"
    write_json(path, {"a": math.nan, "b": [math.inf, 1.5], "c": {"d": np.float32(0.5), "e": "é"}})
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == {"a": None, "b": [None, 1.5], "c": {"d": 0.5, "e": "é"}}
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert path.read_text(encoding="utf-8") == text
    assert [found.name for found in path.parent.iterdir()] == ["figures.json"]


def test_manifest_is_read(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "data", ["b,dev,one,p1,masks,no", "a,train,two,,,yes"])
    assert read_manifest(folder) == [
        DatasetImage("b", "dev", "one", "p1", folder / "images/b.png", folder / "masks/b.png", False),
        DatasetImage("a", "train", "two", "a", folder / "images/a.png", None, True),
    ]
    np.testing.assert_array_equal(read_mask(read_manifest(folder)[0]), reference())
    silent = write_dataset(tmp_path / "silent", ["a,dev,one,p1,masks"], "id,split,source,patient_group,mask")
    assert not read_manifest(silent)[0].redistributable


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        ("id,split,source,mask", "a,dev,one,masks", "missing column patient_group"),
        (HEADER, ",dev,one,p1,masks,yes", "line 2: the id is empty"),
        (HEADER, "../a,dev,one,p1,masks,yes", "not a plain name"),
        (HEADER, "a,dev,one,p1,../masks,yes", "not a plain name"),
        (HEADER, "a,dev,one,p1,masks,yes\na,dev,one,p1,masks,yes", "line 3: the id a occurs twice"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(tmp_path: Path, header: str, row: str, message: str) -> None:
    (tmp_path / "manifest.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=message) as raised:
        read_manifest(tmp_path)
    assert "manifest.csv" in str(raised.value)


def test_missing_folder_manifest_and_split_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder"):
        read_manifest(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"manifest\.csv: not found"):
        read_manifest(tmp_path)
    folder = write_dataset(tmp_path / "data", ["a,dev,one,p1,masks,yes"])
    with pytest.raises(DatasetError, match=r"no image has the split test\. Splits there: dev"):
        images_of_split(folder, "test")


def test_masks_of_the_shared_data_score_1_against_themselves(shared_data: Path) -> None:
    chosen = images_of_split(shared_data, "dev_normal")[:12]
    masks = {case.id: read_mask(case) for case in chosen}
    found = evaluate(Drawn(lambda name: Answer(masks[name])), chosen)
    assert found["failed"] == {}
    assert found["overall"]["union"]["dice"] == {"mean": 1, "ci95": [1, 1], "p10": 1, "n": 12}
    assert found["overall"]["left"]["hd95"]["mean"] == 0
    everything = read_manifest(shared_data)
    assert len(everything) == 1824
    assert sum(case.mask is not None for case in everything) == 254 + 48 + 119 + 28 + 223
    assert sum(not case.redistributable for case in everything) == 42 + 28
