"""What the Setup section says: of an interpreter's packages, of the engine and its devices. No widgets."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import cxradain
import slicer
from slicer.i18n import tr as _

GIB = 1 << 30


def statusLines(report: dict[str, Any] | None, told: dict[str, Any], problem: str) -> list[str]:
    """What is there and what is missing, in words.

    :param report: of `Environments.reportOf`, or None. :param told: `EngineProcess.info`.
    """
    lines = []
    if report is not None:
        lines.append(_("Python {python}: {path}").format(python=report["python"], path=report["executable"]))
        found = ", ".join(f"{name} {number}" for name, number in report["packages"].items() if number)
        lines.append(_("There: {packages}.").format(packages=found or _("none of the packages needed")))
        if report["missing"]:
            lines.append(_("Missing: {packages}.").format(packages=", ".join(report["missing"])))
    if problem:
        lines.append(problem)
    lines += [deviceWords(device) for device in told.get("devices", ())]
    if told.get("models"):
        lines.append(_("Models: {names}.").format(names=", ".join(map(_modelName, told["models"]))))
    return lines


def deviceWords(device: dict[str, Any]) -> str:
    """A device with its memory."""
    memory = device.get("memory")
    size = _(", {size:.1f} GiB of memory").format(size=memory / GIB) if memory else ""
    return _("Device {name}: {text}{size}").format(name=device["name"], text=device["text"], size=size)


def diagnostics(choice, report: dict[str, Any] | None, engine, problem: str, log: str) -> str:
    """What a report of a problem should hold, in English: no path below the user's home in full."""
    report = report or {}
    lines = [
        f"CXRAdaINSeg {cxradain.__version__}",
        f"application: {slicer.app.applicationName} {slicer.app.applicationVersion}",
        f"system: {platform.platform()}",
        f"engine runs in: {choice.kind} {choice.value}".rstrip(),
        f"interpreter: {report.get('executable', '?')}, Python {report.get('python', '?')}",
        *(f"{name}: {found or 'missing'}" for name, found in report.get("packages", {}).items()),
        f"engine: {engine.state}: {engine.text}",
        *(deviceWords(device) for device in engine.info.get("devices", ())),
        *(f"model: {_modelName(model)}" for model in engine.info.get("models", ())),
    ]
    if problem:
        lines.append(f"problem: {problem}")
    return "\n".join(lines + log.splitlines()[-20:]).replace(str(Path.home()), "~")


def _modelName(model: dict[str, str]) -> str:
    return model["model_id"] or model["name"]
