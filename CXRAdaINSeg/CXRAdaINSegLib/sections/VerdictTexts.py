"""A round's verdict in words, composed from the codes and numbers of its comparison (`gate.json`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from cxradain.rounds.folder import BETTER, NO_BETTER, SESSION, TOO_FEW, WORSE
from cxradain.rounds.selection import FEWEST, FEWEST_PATIENTS
from slicer.i18n import tr as _

from ..Texts import numberText

Values = Mapping[str, Any]


def roundVerdictName(verdict: str) -> str:
    """The verdict on a new model in a word or two; unchanged if it is unknown."""
    names = {
        BETTER: _("better"),
        NO_BETTER: _("no better"),
        WORSE: _("worse"),
        TOO_FEW: _("too few to tell"),
    }
    return names.get(verdict, verdict)


def verdictText(gate: Values, decision: str, used: str, leftOut: int = 0) -> str:
    """How the new model compares with the one it was trained from, and what has become of it.

    gate: from RoundFolder.read_gate. decision: what the user decided, "" if nothing yet. used: the name of
    the model in use now, "" if that is the new one. leftOut: how many radiographs could not be trained on.
    """
    decisions = {
        "promoted": _("You put the new model in use; now it is {used}."),
        "kept": _("You kept the model in use, now {used}."),
    }
    state = decisions.get(decision, "").format(used=used) if used else _("The new model is in use.")
    if used and gate.get("verdict") != BETTER:
        state = f"{state} {_('You can still promote the new model.')}".strip()
    missing = _("Left out of training: {count}; the log says why.").format(count=leftOut) if leftOut else ""
    lines = (_comparison(gate), _dice(gate), *_notes(gate), missing, state)
    return "\n".join(line for line in lines if line)


def _comparison(gate: Values) -> str:
    """The verdict in a sentence."""
    old = str(gate.get("incumbent") or "") or _("the model it was trained from")
    verdict, strays = gate.get("verdict"), gate.get("strays")
    lost = ", ".join(map(_setName, gate.get("lost", ())))
    if verdict == BETTER:
        return _("Better than {old}.").format(old=old)
    if verdict == WORSE and lost:
        return _("Worse than {old} on {sets}.").format(old=old, sets=lost)
    if verdict == WORSE:
        return _("Worse than {old}.").format(old=old)
    if verdict == NO_BETTER and lost and strays:
        text = _(
            "No better than {old} for certain: it loses on {sets}, too few to tell, and differs from masks "
            "that were approved unchanged."
        )
        return text.format(old=old, sets=lost)
    if verdict == NO_BETTER and lost:
        text = _("No better than {old} for certain: it loses on {sets}, too few to tell.")
        return text.format(old=old, sets=lost)
    if verdict == NO_BETTER and strays:
        text = _("No better than {old} for certain: it differs from masks that were approved unchanged.")
        return text.format(old=old)
    if verdict == NO_BETTER and strays is not None:  # unknown in comparisons of older versions
        return _("No better than {old}: the interval includes no change.").format(old=old)
    if verdict == TOO_FEW:
        return _(
            "Too few to tell. Images compared: {count}; at least {fewest} images of {patients} patients are "
            "needed. Correct radiographs that are set aside too, or name a reference set."
        ).format(count=gate.get("n", 0), fewest=FEWEST, patients=FEWEST_PATIENTS)
    return str(gate.get("text") or "") or _("The new model was not compared.")


def _dice(gate: Values) -> str:
    """Both models' Dice, the difference, and the number of images and patients; "" if not compared."""
    names = ("candidate_dice", "incumbent_dice", "difference")
    means = [(gate.get(name) or {}).get("mean") for name in names]
    if not gate.get("n") or None in means:
        return ""
    low, high = _interval(gate["difference"])
    interval = (
        _("95 % interval {low} to {high}").format(low=_signed(low), high=_signed(high))
        if isfinite(low) and isfinite(high)  # nan with too few patients
        else _("no interval, with so few patients")
    )
    text = _(
        "Dice of the new model {new}, of the one it was trained from {old}; difference {gain} "
        "({interval}). Images: {count}; patients: {patients}."
    )
    return text.format(
        new=numberText(means[0], ".4f"),
        old=numberText(means[1], ".4f"),
        gain=_signed(means[2]),
        interval=interval,
        count=gate["n"],
        patients=gate["difference"].get("patients", "?"),
    )


def _notes(gate: Values) -> list[str]:
    """The result in each of several sets, and what does not count."""
    sets, unedited = gate.get("sets", {}), gate.get("unedited", {})
    left_out = sum(gate.get("left_out", {}).values())
    lines = []
    if len(sets) > 1:
        text = _("On {set} only: {verdict}, Dice {gain} (images: {count}).")
        for name, each in sets.items():
            gain = (each.get("difference") or {}).get("mean")
            if each.get("n") and gain is not None:
                verdict = roundVerdictName(each.get("verdict", ""))
                lines.append(
                    text.format(set=_setName(name), verdict=verdict, gain=_signed(gain), count=each["n"])
                )
    if unedited.get("n"):
        dice = numberText(unedited.get("agreement", float("nan")), ".3f")
        text = _(
            "Masks approved unchanged: {count}. They cannot be used to compare models; the new model agrees "
            "with them to Dice {dice}."
        )
        lines.append(text.format(count=unedited["n"], dice=dice))
    if left_out:
        lines.append(_("Left out of references: {count}; the report says why.").format(count=left_out))
    failed = [str(each.get("id", "")) for each in gate.get("failed", [])]
    if failed:
        text = _("Could not be compared: {names}; the report says why.")
        lines.append(text.format(names=_several(failed)))
    return lines


def _several(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:most])
    return (
        shown
        if len(names) <= most
        else _("{names} and {count} more").format(names=shown, count=len(names) - most)
    )


def _signed(gain: float) -> str:
    """A difference of Dice, with its sign."""
    return numberText(gain, "+.4f")


def _setName(name: str) -> str:
    return _("the session") if name == SESSION else name


def _interval(difference: Values | None) -> tuple[float, float]:
    """The 95 % interval of a difference; nan without one."""
    low, high = (difference or {}).get("ci95") or (None, None)
    return float("nan") if low is None else low, float("nan") if high is None else high
