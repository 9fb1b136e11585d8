"""Exports the session for other programs, in a separate process."""

from __future__ import annotations

from slicer.i18n import tr as _

from .SessionTask import SessionTask

SHOWN = 5  # warnings listed; the others are only counted


class ExportingSession(SessionTask):
    """Exports like `cxradain session export`."""

    def start(self, format: str, output: str, statuses: list[str], identifiers: bool) -> None:
        """Start exporting into a new folder, or a file.

        statuses: which masks to export; [] for the format's default. identifiers: whether to include file
        names and patient IDs.
        """
        self._begin(
            "export",
            lambda header, arrays: self._onResult(header, output),
            format=format,
            output=output,
            statuses=statuses,
            identifiers=identifiers,
        )

    def cancelledText(self) -> str:
        """The message when the export is cancelled: nothing is left behind."""
        return _("Cancelled; nothing was exported.")

    def _onResult(self, header, output: str) -> None:
        what = _counted(_("1 radiograph"), _("{count} radiographs"), header["radiographs"])
        if header["rows"] is not None:
            what += ", " + _counted(_("1 row"), _("{count} rows"), header["rows"])
        lines = [
            _("{what} exported to {place}. For research, not for diagnosis.").format(what=what, place=output),
            *header["problems"][:SHOWN],
        ]
        if len(header["problems"]) > SHOWN:
            lines.append(_("More warnings: {count}.").format(count=len(header["problems"]) - SHOWN))
        self._end("\n".join(lines))


def _counted(one: str, more: str, count: int) -> str:
    """A count with its noun, singular or plural."""
    return one if count == 1 else more.format(count=count)
