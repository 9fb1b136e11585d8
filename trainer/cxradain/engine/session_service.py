"""The session worker's requests: adding and reading images, thumbnails, storing a model's masks, exports; and
writing the mask of an image outside a session as DICOM SEG. No torch.

`python -m cxradain.engine --sessions` serves them. A request on a session names its folder and the token of
the window that owns it (`Session.token`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ..exchange.dicom_seg import SegmentationError, write_segmentation
from ..exchange.formats import FORMATS, ExportRequest, export_session
from ..frames import Message
from ..imaging.folders import MASKS, find_files
from ..imaging.quality import MaskQuality
from ..imaging.radiograph import RadiographError
from ..imaging.raster_files import png_bytes
from ..imaging.turn import Turn
from ..rounds.readiness import readiness
from ..rounds.selection import select_images
from ..sessions.agreement import agreement
from ..sessions.folder import COPIES
from ..sessions.identity import PLACE
from ..sessions.lock import SessionTaken
from ..sessions.original_names import keep_names
from ..sessions.records import (
    AUTO,
    KEY,
    MODEL,
    NoSuchImage,
    NotSaved,
    Origin,
    SessionError,
    TurnedMeanwhile,
    shown_name,
)
from ..sessions.segmenting import images_to_segment
from ..sessions.sources import AddedFile, add_files
from ..sessions.store import Session
from ..sessions.thumbnails import png
from .protocol import VERSION, Reply, Report, RequestError

MOST_PROBLEMS = 50  # listed in a reply
MOST_THUMBNAILS = MOST_AGREEMENTS = 12  # per request
# Subclasses before their bases.
ERROR_CODES: dict[type[Exception], str] = {
    RadiographError: "radiograph",
    SessionTaken: "taken",
    NotSaved: "not_saved",
    NoSuchImage: "no_image",
    TurnedMeanwhile: "turned",
    SessionError: "session",
}


class SessionService:
    """The service of requests on sessions (`protocol.Service`)."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._opened: tuple[str, str] | None = None
        self._requests = {
            "add": self._add,
            "read": self._read,
            "thumbnails": self._thumbnails,
            "picture": self._picture,
            "agreement": self._agreement,
            "keep": self._keep,
            "unsegmented": self._unsegmented,
            "round_counts": self._round_counts,
            "set_aside": self._set_aside,
            "export": self._export,
        }

    def info(self) -> dict[str, Any]:
        """What this process reports when it is ready."""
        return {"protocol": VERSION}

    def do(self, request: Message, report: Report) -> Reply:
        """As `protocol.Service.do`."""
        name = str(request.header.get("do"))
        if name == "segmentation":
            return self._segmentation(request, report)
        if name not in self._requests:
            raise RequestError(f"There is no request {name!r}.", "internal")
        try:
            session = self._open_session(str(request.header["session"]), str(request.header["token"]))
            return self._requests[name](session, request, report)
        except tuple(ERROR_CODES) as error:
            code = next(code for kind, code in ERROR_CODES.items() if isinstance(error, kind))
            raise RequestError(str(error), code) from error

    def _open_session(self, path: str, token: str) -> Session:
        """Open a session, read-only without a token; it stays open until another one is requested."""
        if self._session is None or self._opened != (path, token):
            if self._session is not None:
                self._session.close()
                self._session = None
            self._session = Session(path, write=bool(token), token=token)
            self._opened = (path, token)
        return self._session

    def _add(self, session: Session, request: Message, report: Report) -> Reply:
        """Add files, and all images in folders. If cancelled, what has been added stays.

        `patient`, if not empty, is a regular expression that finds the patient in a file's name. In the
        reply, `added` counts the new radiographs, `present` those that were in the session, `failed` the
        files that cannot be read, and `problems` lists these with the reasons; `patients` counts those of all
        images, one for each that names none; `updated` are the keys of existing images that changed, and
        `key` is the image of the last file. The original names of copies are kept on this computer.
        """
        report(0.0, "")
        pattern = _pattern(str(request.header.get("patient") or ""))
        try:
            found = find_files(_texts(request, "paths"))
        except RadiographError as error:
            raise RequestError(str(error), "radiograph") from error
        keep = bool(request.header.get("keep_names"))

        def with_progress() -> Iterator[Path]:
            for number, path in enumerate(found.files):
                report(number / len(found.files), f"{number}/{len(found.files)}")
                yield path

        added: list[AddedFile] = []
        try:
            for file in add_files(session, with_progress(), keep_name=keep, patient_pattern=pattern):
                added.append(file)
        finally:  # also after cancelling
            if session.description.images == COPIES:
                with suppress(OSError):
                    stored = ((file.image, file.path) for file in added)
                    keep_names(session, ((image.key, shown_name(path)) for image, path in stored if image))
        masks = {file.path for file in added if file.is_mask and file.path in found.inside}
        found.passed_over[MASKS] += len(masks)
        problems = [f"{file.path}: {file.fault}" for file in added if file.fault and file.path not in masks]
        changed = {file.image.key for file in added if file.image is not None and file.changes}
        images = [file.image for file in added if file.image is not None and not file.fault]
        return {
            "files": len(found.files) - len(masks),
            "passed_over": {kind: count for kind, count in found.passed_over.items() if count},
            "added": sum(file.new for file in added),
            "present": sum(not file.new and not file.fault for file in added),
            "key": images[-1].key if images else "",
            "updated": sorted(changed),
            "moved": sum(PLACE in file.changes for file in added),
            "failed": len(problems),
            "patients": len({image.patient or image.key for image in images}),
            "without_patient": len({image.key for image in images if not image.patient}),
            "problems": problems[:MOST_PROBLEMS],
        }, {}

    def _export(self, session: Session, request: Message, report: Report) -> Reply:
        """Export into a new folder or, for CSV, a file; a cancelled export leaves nothing."""
        header, problems = request.header, []
        if header["format"] not in FORMATS:
            raise RequestError(f"There is no format {header['format']!r}.", "internal")
        wanted = ExportRequest(
            header["format"],
            Path(header["output"]),
            statuses=tuple(_texts(request, "statuses")),
            identifiers=bool(header["identifiers"]),
        )

        def warn(name: str, message: str) -> None:
            problems.append(f"{name}: {message}")

        written = export_session(session, wanted, warn, report)
        return vars(written) | {"problems": problems[:MOST_PROBLEMS]}, {}

    def _round_counts(self, session: Session, request: Message, report: Report) -> Reply:
        """The number of images of each kind that a round of training would use, and how far it is from a
        verdict."""
        return {"counts": select_images(session).counts(), "readiness": vars(readiness(session))}, {}

    def _set_aside(self, session: Session, request: Message, report: Report) -> Reply:
        """The keys of the held-out images, one per line."""
        keys = [image.key for image in session.images() if session.is_held_out(image)]
        return {}, {"keys": np.frombuffer("\n".join(keys).encode(), np.uint8)}

    def _read(self, session: Session, request: Message, report: Report) -> Reply:
        """An image's pixels, with the other fields of its radiograph."""
        image = session.radiograph(session.image(_key(request)))
        return image.to_json(), {"pixels": image.pixels}

    def _thumbnails(self, session: Session, request: Message, report: Report) -> Reply:
        """PNG files by image key, without unreadable images."""
        thumbnails = {}
        for key in _texts(request, "keys")[:MOST_THUMBNAILS]:
            report(0.0, "")
            try:
                thumbnails[key] = np.frombuffer(png(session, session.image(key)), np.uint8)
            except (RadiographError, SessionError):
                continue  # the worklist shows that it cannot be read
        return {}, thumbnails

    def _picture(self, session: Session, request: Message, report: Report) -> Reply:
        """A PNG file of an upright image with the outlines of a version's mask."""
        from ..evaluation.pictures import overlay  # needs Pillow, which the window's process may lack

        image = session.image(_key(request))
        wanted = next((v for v in session.versions(image.key) if v.id == request.header["version"]), None)
        if wanted is None:
            raise RequestError("This version is not in the session any more.", "session")
        radiograph, labels = session.radiograph(image).upright(), session.mask(wanted)
        drawn = overlay(radiograph.intensities(), image.facts.turn.apply(labels))
        return {}, {"picture": np.frombuffer(png_bytes(np.asarray(drawn)), np.uint8)}

    def _agreement(self, session: Session, request: Message, report: Report) -> Reply:
        """The agreement of readers, by image key: Dice of the right and of the left lung (or null), and the
        number of readers; only for images with at least two readers."""
        between = {}
        for key in _texts(request, "keys")[:MOST_AGREEMENTS]:
            report(0.0, "")
            if (found := agreement(session, session.versions(key))) is not None:
                dice = [None if math.isnan(share) else share for share in (found.right, found.left)]
                between[key] = [*dice, found.readers]
        return {"agreement": between}, {}

    def _keep(self, session: Session, request: Message, report: Report) -> Reply:
        """Save a model's mask as a version of status "auto", if the image is turned as it was for that."""
        origin = dict(request.header["origin"])
        origin["flags"] = tuple(origin.get("flags", ()))
        if origin.get("quality") is not None:
            origin["quality"] = MaskQuality.from_json(origin["quality"])
        turn, labels = Turn.from_json(request.header["turn"]), request.arrays["labels"]
        version = session.add_mask(_key(request), labels, MODEL, AUTO, Origin(**origin), turn)
        return {"version": version.id}, {}

    def _segmentation(self, request: Message, report: Report) -> Reply:
        """Write (H, W) labels as DICOM SEG that refers to the file `image`; the reply has its `uid`.

        `origins`: model_id, model_hash and mode by lung. `edited` and `status` as in
        `dicom_seg.segmentation`.
        """
        report(0.0, "")
        header = request.header
        try:
            uid = write_segmentation(
                Path(header["image"]),
                request.arrays["labels"],
                Path(header["output"]),
                {int(lung): Origin(**origin) for lung, origin in header["origins"].items()},
                [int(lung) for lung in header["edited"]],
                str(header["status"]),
            )
        except SegmentationError as error:
            raise RequestError(str(error), "segmentation") from error
        except OSError as error:
            text = f"The segmentation was not written: {error.strerror or error}."
            raise RequestError(text, "segmentation") from error
        return {"uid": uid}, {}

    def _unsegmented(self, session: Session, request: Message, report: Report) -> Reply:
        """The keys of `images_to_segment`, one per line."""
        model_hash, mode, reader = (request.header[name] for name in ("model_hash", "mode", "reader"))
        keys = [image.key for image in images_to_segment(session, model_hash, mode, reader=reader)]
        return {"count": len(keys)}, {"keys": np.frombuffer("\n".join(keys).encode(), np.uint8)}


def _texts(request: Message, name: str) -> list[str]:
    """A field that is a list of texts. Raises RequestError for anything else: a single text would be iterated
    letter by letter, and "/" searched as a folder."""
    texts = request.header[name]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise RequestError(f"{name} of the request is no list of texts.", "internal")
    return texts


def _pattern(text: str) -> re.Pattern[str] | None:
    """Compile a pattern; None for "". Raises RequestError for an invalid regular expression."""
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise RequestError(f"{text!r} is not a regular expression: {error}.", "session") from error


def _key(request: Message) -> str:
    key = str(request.header.get("key"))
    if not KEY.fullmatch(key):
        raise RequestError(f"{key!r} is no image's key.", "internal")
    return key
