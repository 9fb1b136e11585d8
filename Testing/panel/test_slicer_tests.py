"""What ctest runs inside 3D Slicer passes on the embedded desktop, with and without a main window."""

from __future__ import annotations

import unittest

import pytest


@pytest.mark.parametrize("with_window", [True, False], ids=["main window", "no main window"])
def test_the_main_job_as_ctest_runs_it(window, monkeypatch, with_window: bool) -> None:
    import slicer
    from CXRAdaINSegMainJobTest import CXRAdaINSegMainJobTest

    if not with_window:
        monkeypatch.setattr(slicer.app, "layoutManager", lambda: None)
        monkeypatch.setattr(slicer.util, "mainWindow", lambda: None)
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(CXRAdaINSegMainJobTest).run(result)
    slicer.util.getModuleWidget("CXRAdaINSeg").enter()  # which they leave
    assert result.testsRun == 3
    assert not result.errors and not result.failures, "\n".join(
        text for _test, text in result.errors + result.failures
    )
    skipped = [reason for _test, reason in result.skipped]
    assert skipped == ([] if with_window else ["there are no views without a main window"])
