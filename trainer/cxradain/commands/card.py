"""`cxradain card`: enter figures into a model's card."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..files import reason_of
from ..models.card import add_measured, render, write_card
from .options import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Enters the figures written by `evaluate --json` into a model's card.json and renders it as CARD.md."
    )
    parser.add_argument("model", type=Path, metavar="FOLDER", help="the model's folder")
    parser.add_argument(
        "--evaluation",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="JSON",
        help="files written by `evaluate --json`, or by `ablation` for each of its models",
    )
    parser.add_argument("--name", help="change the name")
    parser.add_argument("--version", dest="model_version", help="change the version")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Enter the figures, write the card, and print CARD.md. Raises UsageError."""
    card = read_object(arguments.model / "card.json")
    if not {"name", "version"} <= card.keys():
        raise UsageError(f"{arguments.model / 'card.json'}: has no name and version; is it a model's card?")
    card |= {"name": arguments.name} if arguments.name else {}
    card |= {"version": arguments.model_version} if arguments.model_version else {}
    for path in arguments.evaluation:
        try:
            add_measured(card, read_object(path))
        except (KeyError, TypeError) as error:
            raise UsageError(f"{path}: is not what evaluate --json writes (no {error})") from error
    write_card(arguments.model, card)
    print(render(card))
    return 0


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises UsageError, naming the file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as JSON ({reason_of(error)})") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path}: holds no JSON object")
    return content
