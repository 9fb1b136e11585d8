"""Texts composed from values: durations, sizes, the state of a round, the engine's Python environment."""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import cxradain
import slicer
from cxradain.files import size_in_units
from cxradain.imaging import folders
from cxradain.imaging.quality import Verdict
from cxradain.rounds.folder import GONE, RUNNING, SILENT, STARTING, UNREADABLE, RoundFolder
from slicer.i18n import tr as _

GIB = 1 << 30


SIGNS: dict[Verdict, str] = {"good": "✓", "look": "?", "bad": "!"}
# Functions, so that a text is translated only when it is shown: translating is slow in Slicer.
VERDICTS: dict[Verdict, Callable[[], str]] = {
    "good": lambda: _("likely good"),
    "look": lambda: _("look"),
    "bad": lambda: _("likely bad"),
}


def verdictName(verdict: Verdict) -> str:
    """The verdict on a mask in words, with its sign."""
    return f"{SIGNS[verdict]} {VERDICTS[verdict]()}"


def decimalSign() -> str:
    """The decimal sign of the panel's language: a point or a comma."""
    return _(".")


def numberText(value: float, spec: str) -> str:
    """A number as `format` writes it, with the decimal sign of the panel's language."""
    return format(value, spec).replace(".", decimalSign())


def passedOverText(counts: dict[str, int]) -> str:
    """How many files of each kind were skipped in folders; "" if none. `counts`: from find_files."""
    names = {
        folders.NO_ENDING: _("without ending"),
        folders.OURS: _("overlays or masks made here"),
        folders.SESSIONS: _("sessions"),
        folders.CLOSED: _("folders that cannot be opened"),
        folders.MASKS: _("masks"),
    }
    most = sorted(((count, kind) for kind, count in counts.items() if count), reverse=True)
    kinds = [f"{names.get(kind, kind)} ({count})" for count, kind in most[: folders.MOST_KINDS]]
    if len(most) > len(kinds):
        kinds.append("…")
    return _("Passed over: {kinds}.").format(kinds=", ".join(kinds)) if kinds else ""


def flagName(code: str) -> str:
    """What a flag says may be wrong with an image or a mask, in a word or two; "" for an unknown code."""
    names = {
        "right_missing": lambda: _("no right lung"),
        "left_missing": lambda: _("no left lung"),
        "sides_swapped": lambda: _("sides exchanged"),
        "views_disagree": lambda: _("base in doubt"),
        "low_confidence": lambda: _("outline unsure"),
        "ragged": lambda: _("notch"),
        "unequal": lambda: _("unequal lungs"),
        "not_chest": lambda: _("not a chest"),
        "header_not_chest": lambda: _("not a chest"),
        "header_lateral": lambda: _("lateral"),
        "mirrored": lambda: _("mirrored"),
        "header_mirrored": lambda: _("mirrored"),
        "header_turned": lambda: _("turned"),
        "color": lambda: _("in color"),
    }
    if code.startswith("turned_"):
        return _("turned")
    return names[code]() if code in names else ""


def roundImagesText(counts: dict[str, int], hadRound: bool) -> str:
    """What a round would train on. counts: of the request "round_counts". hadRound: whether the session has
    finished a round."""
    text = _(
        "Radiographs for a round: {corrected} corrected, {approved} approved and {unlabelled} unlabelled to "
        "train on; set aside to judge it: {validation}."
    )
    if hadRound:
        text += " " + _("New since the last round: {new}.")
    return text.format(**counts)


def adviceText(ready: dict[str, int]) -> str:
    """What the session lacks for a verdict; "" if nothing. ready: from rounds.readiness."""
    if not ready["missing"]:
        return ""
    if ready["set_aside"] - ready["counting"] < ready["missing"]:
        return _("Too few for a verdict: add radiographs, or name a reference set in the options.")
    return _("Correct {missing} more of those set aside for a verdict.").format(**ready)


def readinessText(ready: dict[str, int]) -> str:
    """How many images are set aside, and how far they are. ready: from rounds.readiness."""
    return _(
        "Radiographs set aside to compare the models on (◇ in the worklist): {set_aside}, of which "
        "{reviewed} reviewed and {counting} corrected."
    ).format(**ready)


def roundCostText(plan: dict[str, Any]) -> str:
    """How long a round takes, as measured."""
    precisions = {"32-true": _("single precision"), "bf16-mixed": _("mixed precision with bfloat16")}
    threads, precision = plan["threads"], plan["precision"]
    device = _("the processor ({count} threads)").format(count=threads) if threads else plan["device"]
    return _("About {time} for {steps} steps on {device}, {precision}, measured.").format(
        time=durationText(plan["seconds"]),
        steps=plan["steps"],
        device=device,
        precision=precisions.get(precision, precision),
    )


def durationText(seconds: float) -> str:
    """A duration in seconds, minutes or hours, rounded."""
    if seconds < 100:
        return _("{count} s").format(count=max(1, round(seconds)))
    if seconds < 100 * 60:
        return _("{count} min").format(count=round(seconds / 60))
    return _("{count} h").format(count=numberText(seconds / 3600, ".1f"))


def sizeText(count: int) -> str:
    """A number of bytes in MB or GB, as in `cxradain models list`."""
    size, unit = size_in_units(count)
    return (_("{size} GB") if unit == "GB" else _("{size} MB")).format(size=numberText(size, ".1f"))


def roundStateText(folder: RoundFolder, standing: str, event: dict[str, Any]) -> str:
    """The state of a round. standing: RUNNING, STARTING, ... event: its newest progress event, or {}."""
    status = folder.read_status()
    states = {
        STARTING: _("The round is starting."),
        SILENT: _(
            "No sign of life from the round for {minutes} min. It may hang. If it has ended, Resume will "
            "soon be offered; Cancel gives it up and deletes it."
        ),
        GONE: _(
            "The trainer ended unexpectedly, or was ended from outside. Resume goes on from its last "
            "checkpoint; Log shows what it wrote last."
        ),
        "preparing": _("Preparing: {text}"),
        "training": _("Training: {text}"),
        "comparing": _("Comparing: {text}"),
        "stopped": _("The round is paused. Resume goes on with it."),
        UNREADABLE: _(
            "This round cannot be read: its file round.json is damaged. Restore the file from a copy, or "
            "cancel the round, which deletes it."
        ),
        "failed": _("The round failed: {text}"),
        "finished": _("The round is finished."),
    }
    state = status.state if standing == RUNNING else standing
    text = states.get(state, "{text}").format(text=status.text, minutes=folder.minutes_silent())
    remaining = event.get("remaining_seconds") if state == "training" else None
    return text + (_("; about {time} left").format(time=durationText(remaining)) if remaining else "")


def statusLines(report: dict[str, Any] | None, info: dict[str, Any], problem: str) -> list[str]:
    """What the engine's Python has and lacks, one fact per line.

    report: from `Environments.reportOf`, or None. info: `EngineProcess.info`.
    """
    lines = []
    if report is not None:
        lines.append(_("Python {python}: {path}").format(python=report["python"], path=report["executable"]))
        present = ", ".join(f"{name} {number}" for name, number in report["packages"].items() if number)
        lines.append(_("Found: {packages}.").format(packages=present or _("none of the packages needed")))
        if report["missing"]:
            lines.append(_("Missing: {packages}.").format(packages=", ".join(report["missing"])))
    if problem:
        lines.append(problem)
    if info.get("backend"):
        lines.append(_("Computed by: {backend}").format(backend=info["backend"]))
    lines += [deviceText(device) for device in info.get("devices", ())]
    if info.get("models"):
        lines.append(_("Models: {names}.").format(names=", ".join(map(_modelName, info["models"]))))
    return lines


def deviceText(device: dict[str, Any]) -> str:
    """A device and its memory."""
    memory = device.get("memory")
    size = _(", {size} GiB of memory").format(size=numberText(memory / GIB, ".1f")) if memory else ""
    return _("Device: {name}{size}").format(name=device["text"], size=size)


def diagnostics(choice, report: dict[str, Any] | None, engine, problem: str, log: str) -> str:
    """The text to attach to a bug report, in English. The home folder is shortened to ~ in paths."""
    report = report or {}
    lines = [
        f"CXRAdaINSeg {cxradain.__version__}",
        f"application: {slicer.app.applicationName} {slicer.app.applicationVersion}",
        f"system: {platform.platform()}",
        f"engine runs in: {choice.kind} {choice.value}".rstrip(),
        f"interpreter: {report.get('executable', '?')}, Python {report.get('python', '?')}",
        *(f"{name}: {number or 'missing'}" for name, number in report.get("packages", {}).items()),
        f"engine: {engine.state}: {engine.text}",
        f"computed by: {engine.info.get('backend', '?')}",
        *(f"device: {device['name']}, {device['text']}" for device in engine.info.get("devices", ())),
        *(f"model: {_modelName(model)}" for model in engine.info.get("models", ())),
    ]
    if problem:
        lines.append(f"problem: {problem}")
    return "\n".join(lines + log.splitlines()[-20:]).replace(str(Path.home()), "~")


def _modelName(model: dict[str, str]) -> str:
    return model["model_id"] or model["name"]


def localTime(text: str) -> str:
    """A version's ISO time in the local time zone; unchanged if it is not a time."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text
