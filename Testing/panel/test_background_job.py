"""A program in the background: its output arrives line by line, whole, however it is written."""

from __future__ import annotations

import os
import sys

# Both streams in pieces that end within a letter or a line; the last lines have no line feed.
PIECES = """
import os, time
for stream, data in (
    (1, b"first \\xc3"), (2, b"error \\xc3"), (1, b"\\xbc\\n"), (2, b"\\xa4\\n"),
    (1, b"unfin"), (2, b"whole\\n"), (1, b"ished"), (2, b"rest"),
):
    os.write(stream, data)
    time.sleep(0.1)
"""


def test_output_in_pieces_arrives_as_whole_lines_of_each_stream(window):
    from CXRAdaINSegLib.sections.OneJob import OneJob

    lines, ends, job = [], [], OneJob()
    command = sys.executable, ["-c", PIECES], {**os.environ}
    job.run(command, lambda *ended: ends.append(ended), lines.append)
    assert window.process(30, until=lambda: not job.busy)
    assert sorted(lines) == sorted(["first ü", "error ä", "whole", "unfinished", "rest"])
    assert ends == [(True, "", "first ü\nunfinished")]
