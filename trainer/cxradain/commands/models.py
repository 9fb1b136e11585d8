"""`cxradain models ...`: the models on this computer, which of them is in use, and how two compare."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import size_text
from .options import UsageError, add_device

if TYPE_CHECKING:
    from ..models.registry import Entry, Registry
    from ..rounds.gate import Sample


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command and its own commands."""
    models = commands.add_parser(
        "models",
        help="list, compare, promote and roll back models",
        description="Models that came along or were made by rounds. Nothing is put in use by itself. For "
        "research, not for diagnosis.",
    )
    inner = models.add_subparsers(metavar="COMMAND", required=True)
    listing = _command(inner, "list", run_list, "what is there, and which one is in use")
    listing.add_argument("--json", action="store_true", help="for programs")

    compare = _command(inner, "compare", run_compare, "paired comparison of two models, with a verdict")
    compare.add_argument("candidate", metavar="CANDIDATE", help="id, or a model's folder")
    compare.add_argument("incumbent", metavar="INCUMBENT", nargs="?", help="by default the one in use")
    compare.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="DIR",
        type=Path,
        help="on the masks of this folder (manifest.csv, images, masks); may be given again",
    )
    compare.add_argument(
        "--session", metavar="DIR", type=Path, help="on the patients that this session sets aside"
    )
    compare.add_argument(
        "--reader", action="append", metavar="NAME", help="by this reader's masks; may be given again"
    )
    compare.add_argument("--output", metavar="DIR", type=Path, help="write gate.json and gate.html there")
    compare.add_argument("--json", action="store_true", help="print all figures as JSON")
    add_device(compare)

    promote = _command(inner, "promote", run_promote, "use a model from now on")
    promote.add_argument("model", metavar="MODEL", help="id, or a folder that a round or training wrote")
    _command(inner, "rollback", run_rollback, "use the model again that was in use before")
    delete = _command(inner, "delete", run_delete, "delete a kept model")
    delete.add_argument("model", metavar="ID")
    delete.add_argument("--yes", action="store_true", help="do not ask")


def run_list(options: argparse.Namespace) -> int:
    """Print a line for each model; returns how many are damaged."""
    from .batch import complain

    with _registry() as registry:
        entries, damaged = registry.models(), registry.damaged()
    for folder in damaged:
        complain(folder, "its card cannot be read. Restore it from a copy, or remove the folder.")
    if options.json:
        plain = [{**vars(entry), "folder": str(entry.folder)} for entry in entries]
        print(json.dumps(plain, indent=1))
        return len(damaged)
    for entry in entries:
        facts = ["in use" if entry.current else "", "came along" if entry.bundled else ""]
        facts += [f"from {entry.parent}" if entry.parent else "", entry.verdict, entry.created]
        told = ", ".join(fact for fact in facts if fact)
        print(f"{entry.id}: {entry.name} {entry.version} ({told}), {size_text(entry.bytes)}")
    return len(damaged)


def run_compare(options: argparse.Namespace) -> int:
    """Print the verdict; it is no failure, whatever it says."""
    from ..files import to_json
    from ..models.card import ModelError
    from ..models.devices import DeviceError
    from ..rounds.gate import as_json, judge
    from ..rounds.gate_report import write
    from .batch import complain, progress_bar

    with _registry() as registry:
        candidate = _folder(registry, options.candidate)
        incumbent = _folder(registry, options.incumbent or registry.current().id)
    try:
        with _samples(options) as samples, progress_bar(len(samples)) as advance:
            found = judge(
                candidate,
                incumbent,
                samples,
                options.device,
                lambda done, total: advance(done),
                of_session=options.session is not None,
            )
            if options.output is not None:
                write(found, options.output)
    except (ModelError, DeviceError, OSError) as error:
        raise UsageError(error) from error
    for failure in found.failed:
        complain(Path(failure.id), failure.why)
    print(to_json(as_json(found)) if options.json else found.text)
    return len(found.failed)


def run_promote(options: argparse.Namespace) -> int:
    """Put a model in use, keeping it first where it is a folder."""
    with _registry() as registry:
        folder = Path(options.model)
        made = (folder / "card.json").is_file()
        _say_in_use(registry.promote_folder(folder) if made else registry.promote(options.model))
    return 0


def run_rollback(options: argparse.Namespace) -> int:
    """Go back to the model before."""
    with _registry() as registry:
        _say_in_use(registry.rollback())
    return 0


def run_delete(options: argparse.Namespace) -> int:
    """Delete a model, after asking."""
    with _registry() as registry:
        entry = registry.get(options.model)
        if not options.yes and not _agreed(f"Delete {entry.id} ({size_text(entry.bytes)})? [y/N] "):
            raise UsageError("nothing was deleted; --yes deletes without asking")
        print(f"{entry.id}: deleted; {size_text(registry.delete(entry.id))} are free again.")
    return 0


def _command(
    commands: argparse._SubParsersAction,
    name: str,
    run: Callable[[argparse.Namespace], int],
    help: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    parser.set_defaults(run=run)
    return parser


@contextmanager
def _registry() -> Iterator[Registry]:
    """What the registry says against a request is said without a traceback."""
    from ..models.registry import Registry, RegistryError

    try:
        yield Registry()
    except (RegistryError, OSError) as error:
        raise UsageError(error) from error


@contextmanager
def _samples(options: argparse.Namespace) -> Iterator[list[Sample]]:
    from contextlib import ExitStack

    from ..datasets import DatasetError
    from ..rounds.gate_samples import reference_samples, session_samples
    from ..rounds.overlap import Held
    from ..rounds.selection import gather
    from ..sessions.records import SessionError
    from ..sessions.store import Session

    if not options.reference and options.session is None:
        raise UsageError("name what to compare on, with --reference or --session")
    with ExitStack() as stack:
        try:
            samples, held = [], None
            if options.session is not None:
                session = stack.enter_context(Session(options.session, write=False))
                samples = session_samples(session, options.reader)
                held = Held(session, [image for image, _ in gather(session, options.reader).validation])
            samples += reference_samples(options.reference, held)
        except (DatasetError, SessionError) as error:
            raise UsageError(error) from error
        yield samples


def _folder(registry: Registry, given: str) -> Path:
    folder = Path(given)
    return folder if (folder / "card.json").is_file() else registry.get(given).folder


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _say_in_use(entry: Entry) -> None:
    print(f"{entry.id}: {entry.name} {entry.version} is in use.")
