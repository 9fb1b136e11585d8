"""The demo: a page of the samples or of one's own radiographs, and how good the bundled model is on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cxradain.commands import demo_page
from cxradain.imaging.measurements import dice
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.folders import bundled_models
from cxradain.models.segmenter import Segmenter
from PIL import Image
from small_models import chest, save_small_model


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Run in an empty folder with a browser that only notes what it is to open."""
    monkeypatch.chdir(tmp_path)
    opened: list[str] = []
    monkeypatch.setattr(demo_page.webbrowser, "open", opened.append)
    return opened


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two samples, one with a mask, and a small model, in place of the bundled ones."""
    save_small_model(tmp_path / "models" / "compact")
    monkeypatch.setenv("CXRADAIN_MODELS", str(tmp_path / "models"))
    folder = tmp_path / "samples"
    (folder / "masks").mkdir(parents=True)
    for seed in range(2):
        Image.fromarray((chest(seed=seed) // 16).astype(np.uint8)).save(folder / f"s{seed}.png")
    mask = np.zeros((150, 120), np.uint8)
    mask[40:110, 20:50], mask[40:110, 70:100] = 1, 2
    Image.fromarray(mask).save(folder / "masks" / "s0.png")
    (folder / "samples.csv").write_text(
        "file,finding,licence,attribution,mask\n"
        "s0.png,normal,CC BY 4.0,Drawn by A,masks/s0.png\n"
        "s1.png,COVID-19,CC BY 3.0,Drawn by B,\n"
    )
    monkeypatch.setattr(demo_page, "SAMPLES", folder)
    return folder


def test_page_shows_the_samples_with_their_predictions(samples: Path, tmp_path: Path, capsys) -> None:
    assert demo_page.main(["--device", "cpu"]) == 0
    page = tmp_path / "demo-report.html"
    assert capsys.readouterr().out.splitlines() == [str(page)]
    html = page.read_text(encoding="utf-8")
    assert "For research, not for diagnosis." in html
    assert "small 1" in html and "s on cpu" in html
    assert html.count("<img") == 10, "radiograph, outlines, translation, probability, disagreement; twice"
    assert html.count("Dice against the reference") == 1
    assert "Disagreement of teacher and student" in html
    assert "normal. Drawn by A. CC BY 4.0" in html and "COVID-19. Drawn by B. CC BY 3.0" in html
    assert "http://" not in html and "https://" not in html


def test_page_shows_given_images_and_names_unreadable_ones(samples: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "notes.png").write_text("not an image")
    page = tmp_path / "out" / "page.html"
    images = ["--image", str(samples / "s1.png"), "--image", str(tmp_path / "notes.png")]
    assert demo_page.main([*images, "--output", str(page), "--device", "cpu"]) == 1
    html = page.read_text(encoding="utf-8")
    assert html.count("<img") == 5 and "s1.png" in html and "Dice against" not in html
    assert "notes.png" in capsys.readouterr().err


def test_page_is_opened_only_where_a_user_has_a_screen(samples, nobody_watches, monkeypatch) -> None:
    assert demo_page.main(["--device", "cpu"]) == 0
    assert nobody_watches == []
    monkeypatch.setattr(demo_page, "can_show", lambda: True)
    assert demo_page.main(["--device", "cpu", "--no-open"]) == 0
    assert nobody_watches == []
    assert demo_page.main(["--device", "cpu"]) == 0
    assert len(nobody_watches) == 1 and nobody_watches[0].endswith("/demo-report.html")


def test_somebody_is_at_a_screen_with_a_terminal_and_a_display(monkeypatch) -> None:
    monkeypatch.setattr(demo_page.sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(demo_page.sys.stdout, "isatty", lambda: True)
    assert not demo_page.can_show()
    monkeypatch.setenv("DISPLAY", ":0")
    assert demo_page.can_show()
    monkeypatch.setattr(demo_page.sys.stdout, "isatty", lambda: False)
    assert not demo_page.can_show()


def test_missing_samples_or_model_are_explained(samples: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    assert demo_page.main(["--model", str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err
    monkeypatch.setattr(demo_page, "SAMPLES", tmp_path / "nowhere")
    assert demo_page.main([]) == 2
    assert "--image" in capsys.readouterr().err


def test_the_bundled_samples_can_be_read_and_their_masks_fit() -> None:
    bundled = demo_page.samples()
    assert 4 <= len(bundled) <= 6
    for image, sample in bundled.items():
        radiograph = read_radiograph(image)
        assert sample.credit
        if sample.mask is not None:
            width, height = Image.open(sample.mask).size
            assert width / height == pytest.approx(radiograph.shape[1] / radiograph.shape[0], rel=0.01)
            reference = demo_page.read_reference(sample.mask, radiograph.shape)
            assert reference.shape == radiograph.shape
            assert set(np.unique(reference)) == {0, 1, 2}
    assert any(image.suffix == ".dcm" for image in bundled)


@pytest.mark.skipif(not bundled_models(), reason="Resources/Models holds no model yet")
def test_the_bundled_model_finds_the_lungs_of_the_bundled_samples() -> None:
    masks = {image: sample.mask for image, sample in demo_page.samples().items() if sample.mask is not None}
    assert masks
    segmenter = Segmenter(device="cpu")
    for image, mask in masks.items():
        found = segmenter.predict(read_radiograph(image))
        reference = demo_page.read_reference(mask, found.labels.shape)
        # The hardest of them, severe COVID-19 in an adult, is near 0.89.
        assert dice(found.labels > 0, reference > 0) > 0.85, image.name
