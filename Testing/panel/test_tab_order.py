"""Tab goes through the panel in reading order.

A file of its own that runs after `test_reload`: what `nextInFocusChain` returns outlives its widget, and is
then taken for another widget at the same place in memory (libshiboken).
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from test_look import SECTIONS, controls, sections

__all__ = ["sections"]


def by_tab(section) -> list:
    """The section's controls in the order in which Tab goes through them, hidden ones too."""
    chain, here = [], section.nextInFocusChain()
    while here is not section:
        chain.append(here)
        here = here.nextInFocusChain()
    ours = set(controls(section))
    return [each for each in chain if each in ours and each.focusPolicy & Qt.FocusPolicy.TabFocus]


@pytest.mark.parametrize("name", SECTIONS)
def test_tab_goes_down_the_section(sections, window, name):
    section = sections[name]
    section.collapsed = False
    window.process()
    seen = [each for each in by_tab(section) if each.visible]
    heights = [each.mapTo(section, QPoint(0, 0)).y() for each in seen]
    assert [
        (above, here) for above, here in pairwise(heights) if here < above - 15
    ] == []  # of one row: about


def test_tab_reaches_a_round_before_its_verdict_and_the_models(sections):
    names = [each.objectName for each in by_tab(sections["train"])]
    told = ("RoundPreset", "StartRoundButton", "PauseRoundButton", "PromoteButton", "ModelsTable")
    assert [name for name in names if name in told] == list(told)
