"""The end of a round: its model against the one it began as, on what neither was trained on."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..rounds.folder import StatusWriter
    from ..sessions.store import Session


def compare(
    session: Session,
    arguments: argparse.Namespace,
    base: Path,
    model: Path,
    device: str,
    status: StatusWriter,
) -> None:
    """Compare a round's model with the one it began as; writes the comparison and says what it is.

    Raises DatasetError, ModelError and OSError.
    """
    from ..rounds.gate import judge
    from ..rounds.gate_report import write
    from ..rounds.gate_samples import reference_samples, session_samples
    from ..rounds.overlap import Held
    from ..rounds.selection import gather

    status.set_state("comparing", "the new model with the old one")
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
        lambda done, total: status.heartbeat(f"comparing: {done} of {total}"),
        of_session=True,
    )
    write(judgement, arguments.out)
    status.set_state("finished", judgement.text)
    print(judgement.text if arguments.progress != "json" else json.dumps({"model": str(model)}), flush=True)


def _replayed(arguments: argparse.Namespace, base: Path) -> Iterable[str]:
    """Pixel keys of what the round replayed, as far as a reference could hold it too, by its size."""
    from ..datasets import read_manifest
    from ..models.model import load_model
    from ..rounds.images import RoundImages
    from ..rounds.overlap import keys_of, shape_of

    if arguments.data is None:
        return ()
    images = RoundImages(arguments.out, load_model(base).config.canvas, arguments.data)
    there = [case for folder in arguments.reference for case in read_manifest(folder) if case.mask]
    return keys_of(images.replayed, {shape for case in there if (shape := shape_of(case.image))})
