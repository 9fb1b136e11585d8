"""What the trainer says by codes is shown in the panel's language; files stay in English."""

# ruff: noqa: F811 (a fixture that is imported)

from __future__ import annotations

import json
import re

import pytest
from cxradain.imaging.lungs import FLAG_TEXT
from cxradain.imaging.suspicion import BY_CODE, OF_WARNING
from test_heart import END, START, panel, place  # noqa: F401


@pytest.fixture
def german(window):
    from embedded_slicer.modules import i18n

    i18n.choose("de")
    yield
    i18n.choose("en")


ENGLISH = FLAG_TEXT | {code: each.text for code, each in BY_CODE.items()}


@pytest.mark.parametrize("code", ENGLISH)
def test_a_code_has_the_trainers_words(window, code):
    from CXRAdaINSegLib.scene.CheckTexts import checkText

    assert checkText(code) == ENGLISH[code]


@pytest.mark.parametrize("code", ENGLISH)
def test_a_code_has_german_words(window, german, code):
    from CXRAdaINSegLib.scene.CheckTexts import checkText, warningText

    assert checkText(code) not in ("", ENGLISH[code]) and "{" not in checkText(code)
    for warning, suspicion in OF_WARNING.items():
        assert warningText(warning) == checkText(suspicion.code) != warning
    assert warningText("Of no code.") == "Of no code."


def shown(panel) -> list[tuple[str, str, str]]:
    table = panel.measure.table
    return [tuple(table.item(row, column).text() for column in range(3)) for row in range(table.rowCount)]


@pytest.mark.parametrize("calibrated", [False, True])
def test_measurements_are_shown_in_german_and_saved_in_english(panel, german, tmp_path, calibrated):
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf

    fields = radiographOf(panel.volume).to_json()
    fields["facts"] |= {"spacing": [1.0, 2.0] if calibrated else None, "view": "AP"}
    panel.volume.SetAttribute(ATTRIBUTE, json.dumps(fields))
    place(panel, START, END)
    rows, english = shown(panel), panel.measure.rows
    assert len(rows) == len(english) > 8
    assert [row[0] for row in rows[:2]] == ["Fläche der rechten Lunge", "Bildanteil der rechten Lunge"]
    for row, other in zip(rows, english, strict=True):
        assert row[0] != other[0], row
        isNumber = other[1][:1].isdigit()
        assert (row[1] == other[1].replace(".", ",")) == isNumber, row
        assert (row[2] != other[2]) == (other[2] in ("pixels, uncalibrated", "cm2")), row
    assert any(name == "Herz-Thorax-Quotient" for name, _value, _unit in rows)
    assert not panel.measure.table.verticalScrollBar().maximum, "all can be seen at once"
    panel.measure.saveTo(tmp_path / "lungs.csv")
    text = (tmp_path / "lungs.csv").read_text("utf-8")
    assert "Right lung area" in text and "Cardiothoracic ratio" in text and "Lunge" not in text


def test_numbers_in_sentences_and_tables_have_the_languages_decimal_mark(panel, german):
    from cxradain.imaging.quality import verdict_of
    from CXRAdaINSegLib.sections.VerdictTexts import verdictText
    from CXRAdaINSegLib.sections.WorklistModel import qualityText
    from CXRAdaINSegLib.Texts import deviceText, durationText, sizeText

    panel.press_segment()
    gate = {"n": 20, "verdict": "better", "difference": {"mean": 0.01, "ci95": [-0.002, 0.018]}}
    gate |= {"candidate_dice": {"mean": 0.95}, "incumbent_dice": {"mean": 0.94}}
    gate |= {"unedited": {"n": 3, "agreement": 0.912}, "sets": {name: gate for name in ("a", "b")}}
    texts = [
        durationText(9000),
        sizeText(2_500_000),
        deviceText({"text": "GPU", "memory": 3 << 29}),
        qualityText(verdict_of(0.75), 0.75),
        verdictText(gate, "", ""),
        panel.segment.message.text,
    ]
    assert texts[:4] == ["2,5 h", "2,5 MB", "Gerät: GPU, 1,5 GiB Speicher", "? ansehen 0,75"]
    assert "Intervall -0,0020 bis +0,0180" in texts[4] and "zu Dice 0,912" in texts[4]
    assert not [text for text in texts if re.search(r"\d\.\d", text)]


def test_an_image_in_color_is_reported_once_in_german(panel, german, tmp_path):
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(1).integers(0, 255, (240, 200, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    panel.add(tmp_path / "photo.png")
    panel.press_segment()
    message = panel.segment.message.text
    assert "farbig" in message and "in color" not in message
