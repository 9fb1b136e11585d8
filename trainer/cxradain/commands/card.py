"""`cxradain card`: a model's card, with figures entered into it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .options import UsageError


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "card",
        help="enter figures into a model's card",
        description="Enters what `evaluate --json` wrote into a model's card.json and renders it as CARD.md.",
    )
    parser.add_argument("model", type=Path, metavar="FOLDER", help="the model's folder")
    parser.add_argument(
        "--evaluation",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="JSON",
        help="written by evaluate --json, or by ablation for each of its models",
    )
    parser.add_argument("--name", help="another name")
    parser.add_argument("--version", dest="model_version", help="another version")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, enter, write; prints CARD.md."""
    from ..models.card import ModelError, add_measured, read_card, render, write_card

    try:
        card = read_card(options.model)
    except ModelError as error:
        raise UsageError(error) from error
    if not {"name", "version"} <= card.keys():
        raise UsageError(f"{options.model / 'card.json'}: has no name and version; is it a model's card?")
    card |= {"name": options.name} if options.name else {}
    card |= {"version": options.model_version} if options.model_version else {}
    for path in options.evaluation:
        try:
            add_measured(card, read(path))
        except (KeyError, TypeError) as error:
            raise UsageError(f"{path}: is not what evaluate --json writes (no {error})") from error
    write_card(options.model, card)
    print(render(card))
    return 0


def read(path: Path) -> dict:
    """A JSON file's object. Raises UsageError, naming the file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as JSON ({error})") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path}: holds no JSON object")
    return found
