"""What the panel reads from a round's folder: state, progress, the end of the log, and curves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from cxradain.rounds import folder as module
from cxradain.rounds import folder as round_folder
from cxradain.rounds.folder import RoundFolder, RoundStatus, StatusWriter


@pytest.fixture
def folder(tmp_path):
    return RoundFolder.new(tmp_path)


def tell(folder, state="training", ago=0.0, pid=None, **more):
    told = {"state": state, "text": "", "pid": pid or os.getpid(), "time": time.time() - ago, **more}
    (folder.path / "round.json").write_text(json.dumps(told))


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_rounds_are_numbered_by_time_and_the_newest_found(tmp_path):
    assert RoundFolder.newest(tmp_path) is None
    first, second = RoundFolder.new(tmp_path), RoundFolder.new(tmp_path)
    assert first.path != second.path
    assert RoundFolder.newest(tmp_path).path == second.path
    assert first.path.parent == tmp_path / "rounds"


def test_observed_state_follows_status_time_and_process(folder):
    assert folder.observed_state() == "starting"
    tell(folder)
    assert folder.observed_state() == "running"
    tell(folder, ago=130)
    assert folder.observed_state() == "silent"
    assert folder.minutes_silent() == 2
    tell(folder, ago=40, pid=dead_process())
    assert folder.observed_state() == "gone"
    tell(folder, ago=5, pid=dead_process())  # on another computer, say
    assert folder.observed_state() == "running"
    assert folder.observed_state(process_ended=True) == "gone"
    for state in ("finished", "stopped", "failed"):
        tell(folder, state, ago=9999, pid=dead_process())
        assert folder.observed_state() == state


BAD = ("", "{", "{half", "[]", "7", "null", "\x00\xff", "[" * 100_000, '{"started": ' + "9" * 400 + "}")
KINDS = ('{"time": 1e999}', '{"time": "now"}', '{"time": NaN}', '{"state": 7}', '{"state": "\\ud800"}')
KINDS += ('{"used": [1]}', '{"readers": "Ann"}', '{"text": []}', '{"pid": 1e3}', '{"pid": true}')


@pytest.mark.parametrize("content", [*BAD, *KINDS])
def test_a_status_of_any_content_shows_as_unreadable(folder, content):
    (folder.path / "round.json").write_text(content)
    assert folder.read_status() == RoundStatus("unreadable")
    assert folder.observed_state() == folder.observed_state(False, time.time() + 9) == "unreadable"
    assert folder.minutes_silent() == 0
    assert module.versions_used_last(folder.path.parents[1]) == frozenset()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_a_rounds_place_is_not_waited_for(folder):
    for name in ("round.json", "progress.jsonl", "log.txt", "gate.json", "panel.json"):
        os.mkfifo(folder.path / name)
    assert folder.observed_state() == "unreadable"
    assert folder.new_events() == folder.last_log_lines() == []
    assert folder.read_gate() == folder.read_notes() == {}


def test_events_and_verdicts_of_other_kinds_are_passed_over(folder):
    good = {"stage": "a", "step": 1, "steps": 4, "loss": {"x": 0.5}}
    bad = ({"stage": []}, {"step": "1"}, {"steps": -1}, {"loss": {"x": "y"}}, {"remaining_seconds": "soon"})
    lines = [json.dumps(good | change) for change in ({}, *bad, {})]
    (folder.path / "progress.jsonl").write_text("\n".join(lines) + "\n")
    assert folder.new_events() == [good, good]
    mean = {"mean": 0.9, "ci95": [0.8, None], "patients": 3}
    odd = (
        {"sets": [1]},
        {"sets": {"a": {"n": -1}}},
        {"unedited": {"agreement": "x"}},
        {"left_out": {"a": ""}},
    )
    for gate in ({"n": "2"}, {"difference": []}, {"difference": mean | {"ci95": 7}}, {"text": {}}, *odd):
        (folder.path / "gate.json").write_text(json.dumps(gate))
        assert folder.read_gate() == {}
    (folder.path / "gate.json").write_text(json.dumps({"n": 2, "difference": mean}))
    assert folder.read_gate()["difference"] == mean


def test_a_round_that_never_began_counts_as_gone_after_a_while(folder):
    (folder.path / "log.txt").write_text("there is no torch\n")
    assert folder.observed_state() == "starting"
    for path in (folder.path / "log.txt", folder.path):
        os.utime(path, (time.time() - 60,) * 2)
    assert folder.observed_state() == "gone"


def test_status_written_by_the_trainer_is_read_back(folder):
    began = RoundStatus(session="s", base="b", used=["1"], data=None, readers=["ada"], references=[])
    writer = StatusWriter(folder.path, began)
    writer.set_state("training", "step 1 of 4")
    status = folder.read_status()
    assert (status.state, status.text, status.pid) == ("training", "step 1 of 4", os.getpid())
    assert (status.session, status.base, status.used, status.readers) == ("s", "b", ["1"], ["ada"])
    assert not writer.stop_requested()
    folder.request_stop()
    assert writer.stop_requested()
    folder.withdraw_stop()
    assert not writer.stop_requested()


def test_work_that_takes_long_shows_signs_of_life_but_not_for_ever(folder, monkeypatch):
    monkeypatch.setattr(round_folder, "HEARTBEAT", 0.05)
    writer = StatusWriter(folder.path, RoundStatus())
    with writer.beating():
        writer.set_state("preparing", "a large image")
        began = folder.read_status().time
        time.sleep(0.5)  # no word from the work
        assert folder.read_status().time > began + 0.2 and folder.read_status().text == "a large image"
        monkeypatch.setattr(round_folder, "HANGS_AFTER", 0.1)
        time.sleep(0.2)
        last = folder.read_status().time
        time.sleep(0.3)
        assert folder.read_status().time == last, "it may hang"
        writer.heartbeat()
        assert folder.read_status().time > last
        writer.set_state("finished")
    ended = folder.read_status()
    time.sleep(0.2)
    assert folder.read_status() == ended


def test_a_resumed_round_keeps_how_it_began(folder):
    first = StatusWriter(folder.path, RoundStatus(used=["1"], readers=["ada"], references=["r"], base="a"))
    first.set_state("stopped")
    started = folder.read_status().started
    StatusWriter(folder.path, RoundStatus(used=["2"], references=[], base="b"), True).set_state("training")
    status = folder.read_status()
    assert (status.started, status.used) == (started, ["1"])
    assert (status.readers, status.references, status.base) == (["ada"], ["r"], "b")


def test_fields_of_other_versions_do_not_matter(folder):
    (folder.path / "round.json").write_text(json.dumps({"state": "training", "newer": {"a": 1}}))
    status = folder.read_status()
    assert (status.state, status.used, status.text, status.references) == ("training", [], "", None)


def test_progress_is_read_once_in_pieces_and_bounded(folder, monkeypatch):
    assert folder.new_events() == []
    file = folder.path / "progress.jsonl"
    file.write_text('{"step": 1}\n{"st')
    assert folder.new_events() == [{"step": 1}]
    with file.open("a") as more:
        more.write('ep": 2}\nnonsense\n[3]\n{"step": 4}\n')
    assert folder.new_events() == [{"step": 2}, {"step": 4}]
    assert folder.new_events() == []
    monkeypatch.setattr(module, "MOST", 1000)
    with file.open("a") as more:
        more.writelines(f'{{"step": {step}}}\n' for step in range(1000))
    first = folder.new_events()
    assert 0 < len(first) < 100
    rest = []
    while events := folder.new_events():
        rest += events
    assert [event["step"] for event in first + rest] == list(range(1000))


def test_of_a_long_log_only_the_end_is_read(folder):
    assert folder.last_log_lines() == []
    (folder.path / "log.txt").write_text("".join(f"line {i}\n" for i in range(100_000)))
    assert folder.last_log_lines(2) == ["line 99998", "line 99999"]
    assert len(folder.last_log_lines()) == 200


def test_only_a_rounds_folder_is_removed(folder, tmp_path):
    folder.add_notes(words=["round"], decision="kept")
    folder.add_notes(decision="promoted")
    assert folder.read_notes() == {"words": ["round"], "decision": "promoted"}
    assert folder.size() > 10
    folder.delete()
    assert not folder.path.exists()
    with pytest.raises(ValueError):
        RoundFolder(tmp_path).delete()
    assert tmp_path.exists()


# --- curves -----------------------------------------------------------------------------------------------


def events(stage, steps, count, every=1, **values):
    return [
        {"stage": stage, "step": step, "steps": steps, **{k: {n: f(step) for n, f in v.items()}}}
        for step in range(every, count + 1, every)
        for k, v in values.items()
    ]


@pytest.fixture
def curves(window):
    from CXRAdaINSegLib.sections.RoundCurves import RoundCurves

    made = RoundCurves()
    yield made
    made.show(False)
    made.clear()
    window.process()


def test_curves_join_stages_and_a_repeated_step_replaces_the_first(curves):
    curves.add(events("first", 10, 10, loss={"a": float}))
    curves.add(events("second", 20, 3, loss={"a": float, "b": float}))
    curves.add(events("second", 20, 4, loss={"a": lambda step: -1.0, "b": float}))
    assert curves.names("loss") == ["a", "b"]
    assert [step for step, _value in curves.values("loss", "a")] == list(range(1, 15))
    assert curves.values("loss", "a")[-4:] == [(step, -1.0) for step in range(11, 15)]
    assert [step for step, _value in curves.values("loss", "b")] == [11, 12, 13, 14]
    curves.add([{"stage": "first"}, {"step": 1}, {}])
    assert len(curves.values("loss", "a")) == 14


def test_terms_of_a_loss_are_summed_by_what_they_are_for(curves):
    loss = {"segmentation": 1.0, "keep_mask": 0.5, "inter": 0.25, "cycle": 2.0, "style": 0.5, "newer": 3.0}
    curves.add([{"stage": "round", "step": 20, "steps": 40, "loss": loss}])
    assert {name: curves.values("loss", name) for name in curves.names("loss")} == {
        "segmentation": [(20, 1.5)],
        "distillation": [(20, 0.25)],
        "translation": [(20, 2.5)],
        "newer": [(20, 3.0)],
    }


def test_curves_are_plot_nodes_over_a_table_and_grow(window, curves):
    import slicer

    curves.add(events("round", 40, 10, loss={"segmentation": lambda step: 1 / step}))
    curves.show(True)
    window.process()
    manager = slicer.app.layoutManager()
    assert curves.shown and manager.plotViewCount == 1, "no blank pane for a validation that is not there"
    chart = slicer.mrmlScene.GetNodeByID(manager.plotWidget(0).mrmlPlotViewNode().GetPlotChartNodeID())
    assert chart.GetNumberOfPlotSeriesNodes() == 1
    table = chart.GetNthPlotSeriesNode(0).GetTableNode().GetTable()
    assert table.GetNumberOfRows() == 10
    more = {"segmentation": lambda step: 1 / step, "another": float}
    curves.add(events("round", 40, 20, loss=more, validation={"score": lambda step: 0.9}))
    window.process()
    assert curves.shown and manager.plotViewCount == 2, "once there is something for it"
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    table = chart.GetNthPlotSeriesNode(0).GetTableNode().GetTable()
    assert table.GetNumberOfRows() == 20
    drawn = manager.plotWidget(0).plotView().chart()
    assert [drawn.GetPlot(i).GetLabel() for i in range(drawn.GetNumberOfPlots())] == [
        "segmentation",
        "another",
    ]
    assert manager.plotWidget(1).plotView().chart().GetNumberOfPlots() == 1
    assert not chart.GetSaveWithScene()
    curves.show(False)
    assert manager.plotViewCount == 0


def test_curves_that_are_shown_before_the_first_step_say_so(window, curves):
    import slicer

    curves.show(True)
    window.process()
    node = slicer.app.layoutManager().plotWidget(0).mrmlPlotViewNode()
    chart = slicer.mrmlScene.GetNodeByID(node.GetPlotChartNodeID())
    assert slicer.app.layoutManager().plotViewCount == 1 and "no values yet" in chart.GetTitle()
    curves.add(events("round", 40, 2, loss={"a": float}))
    assert chart.GetTitle() == "Training: loss" and chart.GetNumberOfPlotSeriesNodes() == 1


def test_curves_are_drawn_after_two_radiographs_were_compared(window, curves):
    """Layouts are numbers that the whole application shares."""
    import slicer
    from CXRAdaINSegLib.scene.CompareView import closeView, openView

    manager = slicer.app.layoutManager()
    curves.add(events("round", 40, 4, loss={"a": float}))
    for more in (None, {"score": float}):
        openView()
        assert manager.plotViewCount == 0
        if more is not None:
            curves.add(events("round", 40, 8, loss={"a": float}, validation=more))
        curves.show(True)
        assert manager.plotViewCount == (1 if more is None else 2)
        assert "Compare" not in [name for name in manager.sliceViewNames() if is_mapped(name)]
        curves.show(False)
    closeView()


def is_mapped(name: str) -> bool:
    """Whether the layout shows a slice view."""
    import slicer

    return bool(slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode().IsMappedInLayout())


def test_a_curve_of_one_point_is_marked_to_be_seen(curves):
    import slicer

    curves.add(events("round", 1, 1, loss={"segmentation": float}))
    curves.show(True)
    (series,) = slicer.util.getNodesByClass("vtkMRMLPlotSeriesNode")
    assert series.GetMarkerStyle() == series.MarkerStyleCircle
    curves.add(events("round", 2, 2, loss={"segmentation": float}))
    assert series.GetMarkerStyle() == series.MarkerStyleNone, "a line is seen without"


def test_curves_come_back_into_a_scene_that_was_closed(window, curves):
    import slicer

    curves.add(events("round", 40, 10, loss={"a": float}))
    curves.show(True)
    slicer.mrmlScene.Clear(0)
    window.process()
    curves.add(events("round", 40, 12, loss={"a": float}))
    assert not slicer.util.getNodesByClass("vtkMRMLPlotChartNode")
    curves.show(True)
    assert len(slicer.util.getNodesByClass("vtkMRMLPlotSeriesNode")) == 1
    curves.clear()
    for kind in ("PlotChart", "PlotSeries", "Table"):
        assert not slicer.util.getNodesByClass(f"vtkMRML{kind}Node")


def test_a_new_radiograph_leaves_the_curves_in_sight(window, curves):
    import slicer
    from CXRAdaINSegLib.scene.Display import showRadiograph

    curves.add(events("round", 40, 10, loss={"a": float}))
    curves.show(True)
    showRadiograph(slicer.util.addVolumeFromArray(np.arange(6400, dtype=np.uint16).reshape(1, 80, 80)))
    assert curves.shown
