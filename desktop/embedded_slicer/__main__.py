"""`python -m embedded_slicer`: run the module in the embedded desktop, or write a screenshot of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import boot, display

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; returns the exit code: 0 success, 1 the image could not be used, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="embedded_slicer", description=__doc__.partition(": ")[2])
    parser.add_argument("--image", metavar="PATH", type=Path, help="open this radiograph")
    parser.add_argument("--segment", action="store_true", help="segment it at once")
    parser.add_argument(
        "--screenshot", metavar="FILE", type=Path, help="write a picture of the window, with no screen needed"
    )
    parser.add_argument("--module", metavar="PATH", type=Path, default=MODULE, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.segment and options.image is None:
        parser.error("--segment needs --image")
    if options.screenshot is None and not display.has_screen():
        parser.error("there is no screen here (DISPLAY is not set); --screenshot FILE needs none")
    headless = options.screenshot is not None  # nobody can answer a message box
    desktop = boot([options.module], headless=headless, testing=headless)
    try:
        failed = options.image is not None and not show(desktop, options)
        if options.screenshot is None:
            return desktop.run()
        desktop.screenshot(options.screenshot)
        print(options.screenshot.resolve())
        return int(failed)
    finally:
        desktop.close()


def show(desktop, options: argparse.Namespace) -> bool:
    """Load the image and, with --segment, segment it, waiting for the masks only for a screenshot."""
    from . import demo

    try:
        demo.load(desktop, options.image)
    except RuntimeError as error:
        print(f"embedded_slicer: {error}", file=sys.stderr)
        return False
    if options.segment:
        demo.segment(desktop)
        if options.screenshot is not None and not demo.wait_for_masks(desktop):
            print(f"embedded_slicer: no masks were made. {demo.message()}", file=sys.stderr)
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
