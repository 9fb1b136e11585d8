"""A file that keeps its decoder busy keeps nobody waiting: the window goes on, and it can be cancelled."""

from __future__ import annotations

import time

import numpy as np
import pytest
from cxradain.imaging import decoder
from module_panel import standing_in
from reading_by_name import chest, reading_by_name

CANCELLED = "Cancelled: not all of the images were read."


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        yield panel


@pytest.fixture
def by_name(monkeypatch: pytest.MonkeyPatch):
    """The decoder does what a file's name says, such as hang for a minute."""
    with reading_by_name(monkeypatch):
        yield


def test_a_file_that_hangs_leaves_the_window_free_and_is_given_up_on_cancel(panel, by_name, tmp_path):
    row = panel.segment.input
    started = time.monotonic()
    row.addFiles([chest(tmp_path / "a.png"), chest(tmp_path / "hangs.png"), chest(tmp_path / "never.png")])
    assert time.monotonic() - started < 1, "nothing waits"
    assert panel.window.process(60, until=lambda: row.volume is not None), "what is read is there at once"
    assert row.reading and row.volume.GetName() == "a"
    assert panel.window.process(60, until=lambda: row.addButton.text == "Cancel")
    assert row.progress.isVisibleTo(panel.segment.widget)
    row.addFiles([chest(tmp_path / "other.png")])
    assert "Other files are being read" in panel.segment.message.text
    row.addButton.click()
    assert panel.window.process(10, until=lambda: not row.reading)
    assert panel.segment.message.text == CANCELLED
    assert "Add images" in row.addButton.text and not row.progress.isVisibleTo(panel.segment.widget)
    panel.add(tmp_path / "other.png")
    assert row.volume.GetName() == "other", "the next file has a new decoder"


def test_a_panel_that_goes_leaves_no_file_being_read(panel, by_name, tmp_path):
    import slicer
    from CXRAdaINSegLib.sections.InputRow import InputRow

    row = InputRow(lambda volume: None, print)  # the panel's own would stay closed
    row.setScene(slicer.mrmlScene)
    row.addFiles([chest(tmp_path / "hangs.png")])
    assert panel.window.process(60, until=lambda: decoder.process_id() is not None)
    row.close()
    assert not row.reading
    panel.add(chest(tmp_path / "b.png"))
    assert panel.volume.GetName() == "b"


@pytest.fixture
def loaded(panel, monkeypatch):
    """Makes a volume of the application's of a file, for which the window waits a second."""
    from CXRAdaINSegLib.scene import VolumeImages

    monkeypatch.setattr(VolumeImages, "PATIENCE", 1.0)

    def load(path):
        volume = panel.add_pixels(np.arange(64 * 48, dtype=np.int16).reshape(64, 48))
        volume.SetAttribute(VolumeImages.ATTRIBUTE, "")
        volume.SetAttribute(VolumeImages.FILE, str(chest(path)))
        decoder.warm_up()
        return volume

    return load


def test_the_file_of_a_volume_of_the_application_is_waited_for_twice_at_most(by_name, loaded, tmp_path):
    from CXRAdaINSegLib.scene import VolumeImages

    volume = loaded(tmp_path / "hangs.png")
    started = time.monotonic()
    with pytest.raises(VolumeImages.UnfitVolume, match="not read within 1 s"):
        VolumeImages.radiographOf(volume)
    assert VolumeImages.radiographOf(volume).shape == (64, 48)
    assert time.monotonic() - started < 30
    started = time.monotonic()
    VolumeImages.radiographOf(volume)
    assert time.monotonic() - started < 1, "that is kept"


def test_a_volume_whose_file_hangs_once_is_read_the_next_time(by_name, loaded, tmp_path):
    """As on a disk that sleeps: its polarity and sides would be taken for unknown ever after."""
    from CXRAdaINSegLib.scene import VolumeImages

    volume = loaded(tmp_path / "hangs.png")
    with pytest.raises(VolumeImages.UnfitVolume, match="not read within 1 s"):
        VolumeImages.radiographOf(volume)
    (tmp_path / "hangs.png").rename(tmp_path / "awake.png")
    volume.SetAttribute(VolumeImages.FILE, str(tmp_path / "awake.png"))
    assert VolumeImages.radiographOf(volume).facts.source == "PNG"


def test_nothing_is_found_out_for_good_of_a_file_that_another_one_kept_waiting(
    panel, by_name, loaded, tmp_path
):
    """Its polarity and sides would be taken for unknown ever after."""
    from CXRAdaINSegLib.scene import VolumeImages

    volume = loaded(tmp_path / "b.png")
    row = panel.segment.input
    row.addFiles([str(chest(tmp_path / "hangs.png"))])
    panel.until(lambda: row.addButton.text == "Cancel", 10)
    with pytest.raises(VolumeImages.UnfitVolume, match="another file is being read"):
        VolumeImages.radiographOf(volume)
    assert not volume.GetAttribute(VolumeImages.ATTRIBUTE)
    row.addButton.click()
    panel.until(lambda: not row.reading, 10)
    assert VolumeImages.radiographOf(volume).facts.source
