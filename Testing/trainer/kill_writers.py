"""Writers of one session that are killed at random moments; run by test_session_kill.py.

Usage: python kill_writers.py FOLDER KILLS SEED. Each writer tells through a pipe what was accepted; after its
death the session is opened again and must hold all of that, and nothing that is half written.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
from cxradain.sessions.store import Session
from session_data import image, lungs, picture, session


def write_for_ever(folder: Path, pipe: int, seed: int) -> None:
    """Open the session, add images and masks, and tell each only once it has been accepted."""
    chance = random.Random(seed)
    with Session(folder) as opened:
        keys = [one.key for one in opened.images()]
        while True:
            if chance.random() < 0.1:
                pixels = picture(chance.randrange(1 << 30))
                keys.append(opened.add_image(image(pixels), pixels).key)
                os.write(pipe, f"image {keys[-1]} 0\n".encode())
            shape = chance.randrange(1 << 16)
            made = opened.add_mask(chance.choice(keys), lungs(shape), "reader", "corrected")
            os.write(pipe, f"mask {made.id} {shape}\n".encode())


def main(folder: Path, kills: int, seed: int) -> int:
    chance = random.Random(seed)
    session(folder, images=3).close()
    accepted: dict[str, dict[str, int]] = {"image": {}, "mask": {}}
    for turn in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                write_for_ever(folder, writing, seed + turn)
            finally:
                os._exit(9)
        os.close(writing)
        time.sleep(chance.uniform(0, 0.12))
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "the writer ended by itself"
        with os.fdopen(reading) as told:
            news = [line.split() for line in told.read().splitlines()]
        for kind, name, shape in news:
            accepted[kind][name] = int(shape)
        with Session(folder) as opened:
            ids = {version.id: version for version in opened.versions()}
            assert accepted["mask"].keys() <= ids.keys(), "an accepted mask is lost"
            assert accepted["image"].keys() <= {one.key for one in opened.images()}, "an image is lost"
            for kind, name, shape in news:
                if kind == "mask":
                    assert np.array_equal(opened.mask(ids[name]), lungs(int(shape)))
        leftovers = [p for p in folder.rglob(".*") if p.is_file()]
        assert not leftovers, leftovers
    with Session(folder, write=False) as opened:
        report = opened.verify()
        assert not report.problems, report.problems
        assert all(np.array_equal(opened.mask(ids[n]), lungs(s)) for n, s in accepted["mask"].items())
    print(f"{kills} kills, {report.versions} versions, {len(accepted['mask'])} of them told of")
    return len(accepted["mask"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
