"""The translations: up to date with the code, complete in German, and with the same places to fill in."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "Resources" / "Translations"


@pytest.fixture(scope="module")
def extract():
    spec = importlib.util.spec_from_file_location("extract_translations", FOLDER / "extract.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("name", ["CXRAdaINSeg_en-US.ts", "CXRAdaINSeg_de.ts"])
def test_translation_file_has_exactly_the_texts_of_the_code(extract, name):
    """Where this fails, run Resources/Translations/extract.py, and translate what is unfinished."""
    path = FOLDER / name
    assert path.read_text("utf-8") == extract.fresh(path, extract.textsIn())


def test_the_template_has_no_translations(extract):
    assert extract.translationsIn(FOLDER / "CXRAdaINSeg_en-US.ts") == {}


def test_german_translates_every_text_and_keeps_its_placeholders(extract):
    german = extract.translationsIn(FOLDER / "CXRAdaINSeg_de.ts")
    texts = {(context, text) for context, found in extract.textsIn().items() for text in found}
    assert len(texts) > 250 and german.keys() == texts

    def holes(text: str) -> list[str]:
        return sorted(re.findall(r"{[^{}]*}", text))

    assert [key for key, translated in german.items() if holes(key[1]) != holes(translated)] == []
    notice = german["CXRAdaINSeg", "For research, not for diagnosis."]
    assert notice == "Nur für die Forschung, nicht für die Diagnose."


def test_no_text_writes_a_decimal_point(extract):
    """`Texts.numberText` writes it as the language does."""
    texts = {text for found in extract.textsIn().values() for text in found}
    assert {text for text in texts if re.search(r"{\w*:[^}]*[.efg]", text)} == set()


def test_no_text_calls_one_many(extract):
    """As in "1 files": a count stands after a colon, or its text has a form for one."""
    texts = {text for found in extract.textsIn().values() for text in found}
    many = r"{(?!fewest|steps)\w+} (\w+ )?(file|image|radiograph|row|version|model|warning)s\b"
    assert {text for text in texts if re.search(many, text)} == {"{count} radiographs", "{count} rows"}
    assert {"1 radiograph", "1 row"} < texts


MENUS = {"CXRAdaINSeg_en-US.ts": "FEVH", "CXRAdaINSeg_de.ts": "DBAHFV"}  # of 3D Slicer and the desktop


@pytest.mark.parametrize("name", MENUS)
def test_mnemonics_are_unique_and_clash_with_no_menu(extract, name):
    translated = extract.translationsIn(FOLDER / name)
    ours = [(context, text) for context, found in extract.textsIn().items() for text in found]
    texts = [translated.get(key, key[1]) for key in ours]
    letters = [letter.upper() for text in texts for letter in re.findall(r"&(\w)", text)]
    assert len(letters) == 16 and len(set(letters)) == 16
    assert set(letters).isdisjoint(MENUS[name])


def test_extraction_adds_new_texts_and_keeps_translations(extract, tmp_path):
    package = tmp_path / "Lib"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "Part.py").write_text('_("old & \\"{name}\\"")\ndef f():\n    return _("new " "text")\n')
    texts = extract.textsIn(tmp_path)
    assert texts == {"Lib.Part": ['old & "{name}"', "new text"]}
    path = tmp_path / "CXRAdaINSeg_de.ts"
    path.write_text(extract.written("de", texts, {("Lib.Part", 'old & "{name}"'): "alt & <{name}>"}))
    assert extract.translationsIn(path) == {("Lib.Part", 'old & "{name}"'): "alt & <{name}>"}
    assert extract.fresh(path, texts) == path.read_text()
    assert path.read_text().count('type="unfinished"') == 1


def test_a_text_put_together_at_run_time_is_refused(extract, tmp_path):
    (tmp_path / "Part.py").write_text('_(f"{1}")')
    with pytest.raises(ValueError, match=r"Part\.py:1"):
        extract.textsIn(tmp_path)
