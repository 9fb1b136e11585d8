"""A frame onto which image files can be dropped."""

from __future__ import annotations

from collections.abc import Callable

import qt


class DropArea(qt.QFrame):
    """Takes dropped files and folders and tells their paths to `onFiles`."""

    def __init__(self, onFiles: Callable[[list[str]], None], parent=None):
        super().__init__(parent)
        self._onFiles = onFiles
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event):
        """Accept what has files."""
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event):
        """Take the files once the other application is done with the drag."""
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            qt.QTimer.singleShot(0, lambda: self._onFiles(paths))


def _paths(event) -> list[str]:
    data = event.mimeData()
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
