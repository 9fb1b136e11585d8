"""The end of a round: its model against the one it began as, on what neither was trained on."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..sessions.store import Session
    from ..training.round_status import RoundStatus


def compare(
    session: Session,
    arguments: argparse.Namespace,
    base: Path,
    model: Path,
    device: str,
    status: RoundStatus,
) -> None:
    """Compare a round's model with the one it began as; writes the comparison and says what it is.

    Raises DatasetError, ModelError and OSError.
    """
    from ..evaluation.gate import judge, write
    from ..evaluation.gate_samples import reference_samples, session_samples
    from ..evaluation.overlap import Held
    from ..sessions.gathering import gather

    status.say("comparing", "the new model with the old one")
    samples = session_samples(session, arguments.reader)
    if arguments.reference:
        validating = [image for image, _ in gather(session, arguments.reader).validation]
        held = Held(session, validating, _replayed(arguments, base))
        samples += reference_samples(arguments.reference, held)
    judgement = judge(
        model,
        base,
        samples,
        device,
        lambda done, total: status.alive(f"comparing: {done} of {total}"),
        of_session=True,
    )
    write(judgement, arguments.out)
    status.say("finished", judgement.text)
    print(judgement.text if arguments.progress != "json" else json.dumps({"model": str(model)}), flush=True)


def _replayed(arguments: argparse.Namespace, base: Path) -> Iterable[str]:
    """Pixel keys of what the round replayed, as far as a reference could hold it too, by its size."""
    from ..evaluation.dataset import read_manifest
    from ..evaluation.overlap import keys_of, shape_of
    from ..model import load_model
    from ..training.rounds import RoundImages

    if arguments.data is None:
        return ()
    images = RoundImages(arguments.out, load_model(base).config.canvas, arguments.data)
    there = [case for folder in arguments.reference for case in read_manifest(folder) if case.mask]
    return keys_of(images.replayed, {shape for case in there if (shape := shape_of(case.image))})
