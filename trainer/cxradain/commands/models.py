"""`cxradain models ...`: list, compare, average, resize, compress, promote, roll back and delete models."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import size_text, to_json
from ..models.backends import try_model
from ..models.card import read_card, write_card
from ..models.folders import ADVERSARY, adversary_of
from ..models.registry import Entry, Registry
from ..rounds.gate_images import images_to_compare, reference_images
from ..sessions.store import Session
from .batch import print_problem, progress_bar
from .options import UsageError, add_command, add_flag, add_shared

if TYPE_CHECKING:
    from ..models.model import AdaINModel, Bits


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Bundled models, and models made by rounds. No model is put in use without your command. For "
        "research, not for diagnosis."
    )
    command = partial(add_command, parser.add_subparsers(metavar="COMMAND", required=True))
    listing = command("list", run_list, "list the models, and which one is in use")
    add_flag(listing, "--json", "print JSON, for programs")

    compare = command("compare", run_compare, "compare two models on the same images, with a verdict")
    compare.add_argument("candidate", metavar="CANDIDATE", help="id, or a model's folder")
    compare.add_argument("incumbent", metavar="INCUMBENT", nargs="?", help="default: the one in use")
    compare.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="DIR",
        type=Path,
        help="compare on this folder's masks (manifest.csv, images, masks); may be repeated",
    )
    compare.add_argument(
        "--session", metavar="DIR", type=Path, help="compare on the patients that this session sets aside"
    )
    compare.add_argument(
        "--reader", action="append", metavar="NAME", help="with this reader's masks; may be repeated"
    )
    compare.add_argument("--output", metavar="DIR", type=Path, help="write gate.json and gate.html there")
    add_flag(compare, "--json", "print all figures as JSON")
    add_shared(compare, "--device")

    average = command("average", run_average, "average the weights of models trained from the same one")
    average.add_argument("models", metavar="FOLDER", nargs="+", type=Path, help="a model's folder")
    average.add_argument("--out", metavar="DIR", type=Path, required=True, help="the new model's folder")

    resize = command("resize", run_resize, "make a model for larger or smaller images, to train it on there")
    resize.add_argument("model", metavar="MODEL", help="id, or a model's folder")
    resize.add_argument(
        "--canvas",
        type=int,
        required=True,
        metavar="N",
        help="side of its images in pixels, a multiple of 64",
    )
    resize.add_argument("--out", metavar="DIR", type=Path, required=True, help="the new model's folder")

    compress = command("compress", run_compress, "store a model's weights in 8 bits, in half the space")
    compress.add_argument("model", metavar="MODEL", help="id, or a model's folder")
    compress.add_argument("--out", metavar="DIR", type=Path, required=True, help="the new model's folder")

    promote = command("promote", run_promote, "use a model from now on")
    promote.add_argument("model", metavar="MODEL", help="id, or a folder that a round or training wrote")
    command("rollback", run_rollback, "return to the model that was in use before")
    delete = command("delete", run_delete, "delete a stored model")
    delete.add_argument("model", metavar="ID")
    add_flag(delete, "--yes", "do not ask")


def run_list(arguments: argparse.Namespace) -> int:
    """Print a line for each model; returns how many are damaged."""
    registry = Registry()
    entries, damaged = registry.models(), registry.damaged()
    for folder in damaged:
        print_problem(folder, "its card cannot be read. Restore it from a copy, or remove the folder.")
    if arguments.json:
        print(json.dumps([{**vars(entry), "folder": str(entry.folder)} for entry in entries], indent=1))
        return len(damaged)
    for entry in entries:
        facts = ["in use" if entry.current else "", "bundled" if entry.bundled else ""]
        facts += [f"from {entry.parent}" if entry.parent else "", entry.verdict, entry.created]
        print(
            f"{entry.id}: {entry.name} {entry.version} ({', '.join(filter(None, facts))}), "
            f"{size_text(entry.bytes)}"
        )
    return len(damaged)


def run_compare(arguments: argparse.Namespace) -> int:
    """Print the verdict, whichever it is; returns how many images failed. Raises UsageError."""
    from ..rounds import gate, gate_report

    registry = Registry()
    candidate = registry.find(arguments.candidate)
    incumbent = registry.find(arguments.incumbent or registry.current().id)
    if not arguments.reference and arguments.session is None:
        raise UsageError("name what to compare on, with --reference or --session")
    with ExitStack() as stack:
        session = stack.enter_context(Session(arguments.session, write=False)) if arguments.session else None
        if session is None:
            images = reference_images(arguments.reference)
        else:
            images = images_to_compare(session, arguments.reader, arguments.reference)
        advance = stack.enter_context(progress_bar(len(images)))
        judgement = gate.judge(
            candidate,
            incumbent,
            images,
            arguments.device,
            lambda done, total: advance(done),
            of_session=session is not None,
        )
        if arguments.output is not None:
            gate_report.write_comparison(judgement, arguments.output)
    for failure in judgement.failed:
        print_problem(failure.id, failure.why)
    print(to_json(gate.as_json(judgement)) if arguments.json else judgement.decision.text)
    return len(judgement.failed)


def run_average(arguments: argparse.Namespace) -> int:
    """Write a model with the mean of the models' weights, and print its folder."""
    from ..models.model import average_models

    return _write(average_models(arguments.models), arguments.models[0], arguments.out)


def run_compress(arguments: argparse.Namespace) -> int:
    """Write the model with weights of 8 bits, and print its folder."""
    from ..models.model import load_model

    folder = Registry().find(arguments.model)
    return _write(load_model(folder), folder, arguments.out, bits=8)


def _write(model: AdaINModel, source: Path, out: Path, bits: Bits = 16) -> int:
    """Write a model that was made from the one in `source`, with that one's discriminator if it has one."""
    from ..models.model import new_discriminator, save_model

    adversary = new_discriminator(model.config, source) if (source / ADVERSARY).is_file() else None
    write_card(save_model(model, out, model.card, adversary, bits), model.card)
    print(out)
    return 0


def run_resize(arguments: argparse.Namespace) -> int:
    """Write the model for another canvas, and print its folder. Raises UsageError for a canvas that is not
    one."""
    from ..models.model import at_canvas, discriminator_at_canvas, load_model, new_discriminator, save_model

    folder = Registry().find(arguments.model)
    model = load_model(folder)
    try:
        other = at_canvas(model, arguments.canvas)
    except ValueError as error:
        raise UsageError(str(error)) from error
    adversary = None
    if adversary_of(folder) is not None:
        adversary = discriminator_at_canvas(new_discriminator(model.config, folder), other.config)
    version = f"{model.card.get('version', '')} at {arguments.canvas} pixels"
    out = save_model(other, arguments.out, other.card | {"version": version}, adversary)
    write_card(out, read_card(out))  # with the configuration
    print(out)
    return 0


def run_promote(arguments: argparse.Namespace) -> int:
    """Put a model in use, after a test run; a model given as a folder is stored first."""
    _print_in_use(Registry().use(arguments.model, try_model))
    return 0


def run_rollback(arguments: argparse.Namespace) -> int:
    """Put the previous model back in use."""
    _print_in_use(Registry().rollback())
    return 0


def run_delete(arguments: argparse.Namespace) -> int:
    """Delete a model, after asking."""
    registry = Registry()
    entry = registry.get(arguments.model)
    if not arguments.yes and not _confirmed(f"Delete {entry.id} ({size_text(entry.bytes)})? [y/N] "):
        raise UsageError("nothing was deleted; --yes deletes without asking")
    print(f"{entry.id}: deleted; {size_text(registry.delete(entry.id))} are free again.")
    return 0


def _confirmed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _print_in_use(entry: Entry) -> None:
    print(f"{entry.id}: {entry.name} {entry.version} is in use.")
