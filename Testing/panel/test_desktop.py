"""The embedded desktop itself: it boots, shows an image the right way up, and follows the scene."""

from __future__ import annotations

import numpy as np
import pytest
from places import SAMPLES


@pytest.fixture
def image(window):
    import slicer

    return slicer.util.loadVolume(SAMPLES / "nih_normal__00001281_000.png")


def test_the_title_claims_no_more_than_it_is(window):
    import slicer

    assert "not 3D Slicer" in window.window.windowTitle
    assert slicer.util.mainWindow() is window.window


def test_an_image_fills_the_view_upright(window, image):
    """The picture on screen, sampled at the places of image pixels, correlates with them."""
    import slicer

    array = slicer.util.arrayFromVolume(image)[0].astype(float)
    view = window.sliceView("Red")
    shown = view.pixels()
    left, top = view.ijkToView(0, 0)
    right, bottom = view.ijkToView(1023, 1023)
    assert left < right and top < bottom, "row 0 is at the top, column 0 at the left"
    places = [(row, column) for row in range(100, 1000, 90) for column in range(100, 1000, 90)]
    on_screen = [view.ijkToView(*place) for place in places]
    seen = [int(shown[round(y), round(x)].mean()) for x, y in on_screen]
    assert np.corrcoef(seen, [array[place] for place in places])[0, 1] > 0.98


def test_an_image_is_upright_also_after_the_scene_was_closed(window, image):
    import slicer

    slicer.mrmlScene.Clear(0)
    slicer.util.loadVolume(SAMPLES / "v7cohen__53c9be49.jpg")
    view = window.sliceView("Red")
    (left, top), (right, bottom) = view.ijkToView(0, 0), view.ijkToView(500, 500)
    assert left < right and top < bottom


def test_the_view_is_black_when_the_scene_is_closed(window, image):
    import slicer

    assert window.sliceView("Red").pixels().max() > 200
    slicer.mrmlScene.Clear(0)
    assert window.sliceView("Red").pixels().max() < 60
