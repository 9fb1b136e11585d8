"""The engine as a child process of the application: requests do not block, and each is answered."""

from __future__ import annotations

import time

import numpy as np


def test_engine_starts_with_the_first_request(bench):
    assert bench.engine.state == "off"
    header, _ = bench.result("echo", value="Lunge ü 肺")
    assert header["value"] == "Lunge ü 肺"
    assert bench.states[0] == "starting"
    assert bench.engine.state == "ready"
    assert bench.engine.info["torch"] == "none"
    again, _ = bench.result("echo")
    assert again["pid"] == header["pid"]


def test_large_arrays_go_both_ways_with_all_their_zeros(bench):
    pixels = np.random.default_rng(0).integers(0, 4096, (2500, 2000)).astype(np.uint16)
    labels = np.zeros((2500, 2000), np.uint8)
    labels[500:900, 300:800] = 2
    _, arrays = bench.result("echo", {"pixels": pixels, "labels": labels})
    np.testing.assert_array_equal(arrays["pixels"], pixels)
    np.testing.assert_array_equal(arrays["labels"], labels)


def test_callbacks_never_come_from_within_the_request(bench):
    bench.result("echo")
    _, told = bench.ask("echo")
    assert not told.ended


def test_requests_are_answered_in_their_order_with_progress(bench):
    order = []
    told = []
    for value, seconds in ((1, 0.1), (2, 0.0)):
        bench.engine.request(
            "sleep",
            onResult=lambda header, arrays: order.append((header["value"], bench.engine.state)),
            onProgress=lambda done, text, value=value: told.append((value, done, text)),
            seconds=seconds,
            value=value,
        )
    bench.wait(lambda: len(order) == 2)
    assert order == [(1, "busy"), (2, "ready")]
    assert set(told) == {(1, 0.5, "sleeping")}


def test_an_error_is_reported_and_the_engine_goes_on(bench):
    _, told = bench.ask("fail")
    bench.wait(lambda: told.ended)
    assert told.errors == [("This image has no contrast.", "radiograph")]
    assert bench.engine.state == "ready"


def test_a_running_request_can_be_cancelled(bench):
    identity, told = bench.ask("sleep", seconds=60)
    bench.wait(lambda: told.progress)
    bench.engine.cancel(identity)
    bench.wait(lambda: told.ended)
    assert told.errors[0][1] == "cancelled"
    bench.wait(lambda: bench.engine.state == "ready")
    assert len(told.errors) == 1


def test_an_engine_that_does_not_stop_is_ended_and_the_next_request_starts_another(bench, monkeypatch):
    from CXRAdaINSegLib.processes import EngineProcess

    monkeypatch.setattr(EngineProcess, "CANCEL_TIMEOUT", 300)
    first = bench.result("echo")[0]["pid"]
    identity, told = bench.ask("hang")
    waiting = bench.ask("echo")[1]
    bench.wait(lambda: told.progress)
    bench.engine.cancel(identity)
    bench.wait(lambda: told.ended and waiting.ended)
    assert told.errors[0][1] == "cancelled" and waiting.errors[0][1] == "gone"
    assert bench.engine.state == "failed" and "did not stop" in bench.engine.text
    assert bench.result("echo")[0]["pid"] != first


def test_a_request_can_be_cancelled_before_the_engine_is_there(bench):
    identity, told = bench.ask("echo")
    bench.engine.cancel(identity)
    bench.engine.cancel(identity)
    bench.wait(lambda: told.ended)
    bench.wait(lambda: bench.engine.state == "ready")
    assert [code for _, code in told.errors] == ["cancelled"]
    assert not told.results


def test_prints_of_libraries_do_not_break_the_stream(bench):
    bench.result("say")
    assert bench.result("echo", value=1)[0]["value"] == 1


def test_a_request_does_not_block_the_event_loop(bench):
    pixels = np.random.default_rng(0).integers(0, 4096, (2500, 2000)).astype(np.uint16)
    bench.result("echo")
    _, told = bench.ask("echo", {"pixels": pixels})
    longest = 0.0
    while not told.ended:
        started = time.thread_time()  # of this thread alone: what others compute is not our doing
        bench.loop.processEvents()
        longest = max(longest, time.thread_time() - started)
        time.sleep(0.001)
    assert longest < 0.05
