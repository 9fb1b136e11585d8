"""The session's index: an SQLite database for fast queries of the folder's records.

It holds nothing beyond the records, so it can be rebuilt from them, as is done with an older schema (`PRAGMA
user_version`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..imaging.suspicion import kept_when_turned
from ..imaging.turn import Turn
from .records import (
    FLAGGED,
    MODEL,
    UNLABELLED,
    UNREADABLE,
    RecordError,
    SessionImage,
    Version,
    from_bytes,
    to_bytes,
)

SCHEMA_VERSION = 7
# `held_out` is the patient of an image that is held out by itself, otherwise ""; `turn` is JSON, null for a
# version whose turn is unknown. The last three indices give the worklist a reader's newest versions of all
# images without reading their records.
SCHEMA = """
    CREATE TABLE images (key TEXT PRIMARY KEY, sequence INTEGER NOT NULL, name TEXT NOT NULL,
        unreadable INTEGER NOT NULL, record BLOB NOT NULL, held_out TEXT NOT NULL, pixel_hash TEXT NOT NULL,
        turn TEXT NOT NULL);
    CREATE TABLE versions (id TEXT PRIMARY KEY, image TEXT NOT NULL, number INTEGER NOT NULL,
        reader TEXT NOT NULL, time TEXT NOT NULL, status TEXT NOT NULL, disagreement REAL,
        quality REAL, flags TEXT NOT NULL, turn TEXT, seconds REAL NOT NULL, record BLOB NOT NULL);
    CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE INDEX patients_held_out ON images (held_out);
    CREATE INDEX images_of_pixels ON images (pixel_hash);
    CREATE INDEX versions_of_image ON versions (image, number, time, id);
    CREATE INDEX versions_for_worklist
        ON versions (image, reader, number, time, id, status, disagreement, quality, flags, turn, seconds);
    CREATE INDEX images_in_order ON images (sequence, key, name, unreadable);
"""
REBUILD = "Make it anew: cxradain session rebuild DIR."
TABLES = {"images", "versions", "state"}
ORDERS = {
    "file": "i.sequence, i.key",
    "status": "status, i.sequence, i.key",
    # Versions of older programs have only a disagreement.
    "useful": "quality IS NULL, quality, disagreement IS NULL, disagreement DESC, i.sequence, i.key",
}
# A reader's versions take precedence over the model's; without a reader, any reader's do. {one}: restricts
# the versions to those of one image.
WORKLIST = """
    WITH ranked AS (
        SELECT image, id, reader, status, row_number() OVER (
            PARTITION BY image ORDER BY reader = :model, number DESC, time DESC, id DESC) AS place
        FROM versions WHERE (:reader IS NULL OR reader = :reader OR reader = :model) {one}),
    doubt AS (
        SELECT image, disagreement, quality, flags, v.turn <> i.turn AS turned, row_number() OVER (
            PARTITION BY image ORDER BY v.turn IS NOT i.turn, number DESC, time DESC, id DESC) AS place
        FROM versions v JOIN images i ON i.key = v.image
        WHERE (disagreement IS NOT NULL OR quality IS NOT NULL OR flags <> '') {one}),
    work AS (
        SELECT image, sum(CASE WHEN :reader IS NULL OR reader = :reader THEN seconds ELSE 0 END) AS seconds,
            count(DISTINCT reader) AS readers
        FROM versions WHERE reader <> :model {one} GROUP BY image),
    others AS (
        SELECT image, reader, status, row_number() OVER (
            PARTITION BY image, reader ORDER BY number DESC, time DESC, id DESC) AS place
        FROM versions WHERE reader <> :model AND reader <> :reader {one}),
    doubted AS (
        SELECT image, group_concat(reader, ', ') AS readers FROM others WHERE place = 1 AND status = :flagged
        GROUP BY image)
    SELECT i.key, i.name, i.sequence, coalesce(r.status, CASE i.unreadable WHEN 0 THEN :none ELSE :bad END)
        AS status, r.reader, d.disagreement AS disagreement, d.quality AS quality,
        coalesce(d.flags, ''), coalesce(w.seconds, 0), coalesce(w.readers, 0),
        coalesce(o.readers, ''), coalesce(d.turned, 0)
    FROM images i LEFT JOIN ranked r ON r.image = i.key AND r.place = 1
    LEFT JOIN doubt d ON d.image = i.key AND d.place = 1
    LEFT JOIN work w ON w.image = i.key
    LEFT JOIN doubted o ON o.image = i.key
"""


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """An image in the worklist: its status, and the reader of that version.

    quality: the score of the worse lung in the model's newest mask, if possible of the image as it is turned
    now.
    flags: codes of `suspicion.BY_CODE` and `lungs.FLAG_TEXT`, separated by spaces; what was suspected of an
    image that has been turned since is left out.
    seconds: the reader's time on the image, over all versions. readers: the number of readers with a version.
    flagged_by: the other readers whose newest version is flagged; "" if there is no reader to be other than.
    """

    key: str
    name: str
    sequence: int
    status: str
    reader: str | None
    disagreement: float | None
    quality: float | None
    flags: str
    seconds: float
    readers: int
    flagged_by: str


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """A transaction: all changes inside are made, or none. Raises sqlite3.OperationalError."""
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


class Index:
    """The database, in a file or, for a session that is only read, in memory."""

    def __init__(self, path: Path | None):
        """Create or open it. Raises RecordError for a damaged file or another schema, and
        sqlite3.OperationalError."""
        self._name = str(path or "the session's index")
        self._database = sqlite3.connect(
            path or ":memory:", timeout=30.0, isolation_level=None, check_same_thread=False
        )
        try:
            if path:
                self._run("PRAGMA journal_mode = WAL")
                self._run("PRAGMA synchronous = FULL")
            self._make()
        except BaseException:
            self._database.close()
            raise

    @staticmethod
    def is_current(path: Path) -> bool:
        """Whether the file has the current schema. Raises sqlite3.DatabaseError."""
        with closing(sqlite3.connect(path)) as database:
            return database.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: all changes inside are made, or none."""
        with transaction(self._database):
            yield

    def put_image(self, image: SessionImage) -> None:
        """Add or update an image."""
        i, held_out = image, image.patient if image.held_out else ""
        facts = (i.key, i.sequence, i.name, int(bool(i.fault)), to_bytes(i, None))
        values = (*facts, held_out, i.pixel_hash, _text(i.facts.turn))
        self._run("INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def put_version(self, version: Version) -> None:
        """Add a version, unless it is there already."""
        v = version
        score, of_mask = (v.quality.worse.score, v.quality.flags) if v.quality is not None else (None, ())
        turn = None if v.turn is None else _text(v.turn)
        doubt = (v.disagreement, score, " ".join(dict.fromkeys((*v.flags, *of_mask))), turn)
        values = (v.id, v.image, v.number, v.reader, v.time, v.status, *doubt, v.seconds, to_bytes(v, None))
        self._run("INSERT OR IGNORE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def forget(self, keys: Iterable[str] = (), versions: Iterable[str] = ()) -> None:
        """Remove images and versions that the folder no longer has."""
        self._database.executemany("DELETE FROM images WHERE key = ?", ((key,) for key in keys))
        self._database.executemany("DELETE FROM versions WHERE id = ?", ((name,) for name in versions))

    def holds(self, record: SessionImage | Version) -> bool:
        """Whether the index holds exactly this record."""
        kind = "images" if isinstance(record, SessionImage) else "versions"
        name, key = ("key", record.key) if isinstance(record, SessionImage) else ("id", record.id)
        row = self._row(f"SELECT record FROM {kind} WHERE {name} = ?", (key,))
        return row is not None and bytes(row[0]) == to_bytes(record, None)

    def image(self, key: str) -> SessionImage | None:
        return next(iter(self._images("WHERE key = ?", (key,))), None)

    def images(self) -> list[SessionImage]:
        """All images, in the order in which they were added."""
        return self._images("")

    def keys(self) -> list[str]:
        return [r[0] for r in self._run("SELECT key FROM images ORDER BY sequence, key")]

    def images_of(self, pixel_hash: str) -> list[SessionImage]:
        """The images with these pixels, each of a different patient, in the order in which they were
        added."""
        return self._images("WHERE pixel_hash = ?", (pixel_hash,))

    def images_of_patient(self, patient: str) -> list[SessionImage]:
        """The images of a patient, in the order in which they were added; none for "", an unknown patient."""
        found = self._images("WHERE instr(CAST(record AS TEXT), ?)", (patient,)) if patient else []
        return [image for image in found if image.patient == patient]

    def of_several_patients(self) -> list[str]:
        """The pixel hashes that more than one image has."""
        return [row[0] for row in self._run("SELECT pixel_hash FROM images GROUP BY 1 HAVING count(*) > 1")]

    def is_held_out(self, patient: str) -> bool:
        """Whether an image of the patient is `held_out`; False for "", an unknown patient."""
        query = "SELECT 1 FROM images WHERE held_out = ? LIMIT 1"
        return patient != "" and bool(self._row(query, (patient,)))

    def without_image(self) -> list[tuple[str, int]]:
        """Keys of missing images that have versions, and the number of these."""
        query = """SELECT image, count(*) FROM versions
            WHERE image NOT IN (SELECT key FROM images) GROUP BY image ORDER BY image"""
        return self._run(query)

    def versions(self, key: str | None = None) -> list[Version]:
        """The versions of an image, or of all images; the oldest first."""
        condition, values = ("", ()) if key is None else ("WHERE image = ?", (key,))
        rows = self._run(f"SELECT record FROM versions {condition} ORDER BY image, number, time, id", values)
        return [from_bytes(Version, row[0]) for row in rows]

    def version_ids(self) -> set[str]:
        return {row[0] for row in self._run("SELECT id FROM versions")}

    def next_sequence(self) -> int:
        return self._row("SELECT coalesce(max(sequence), 0) + 1 FROM images")[0]

    def next_number(self, key: str) -> int:
        query = "SELECT coalesce(max(number), 0) + 1 FROM versions WHERE image = ?"
        return self._row(query, (key,))[0]

    def readers(self) -> list[str]:
        """The readers with a version, without models."""
        query = "SELECT DISTINCT reader FROM versions WHERE reader <> ? ORDER BY reader"
        return [row[0] for row in self._run(query, (MODEL,))]

    def worklist(self, reader: str | None, order: str) -> list[WorklistRow]:
        """A row for every image, as in `Session.worklist`. Raises KeyError for an unknown order."""
        return self._rows(f"{WORKLIST.format(one='')} ORDER BY {ORDERS[order]}", reader)

    def worklist_row(self, key: str, reader: str | None) -> WorklistRow | None:
        """An image's row in the worklist, or None."""
        query = f"{WORKLIST.format(one='AND image = :key')} WHERE i.key = :key"
        return next(iter(self._rows(query, reader, key)), None)

    def _rows(self, query: str, reader: str | None, key: str = "") -> list[WorklistRow]:
        names = {"reader": reader, "model": MODEL, "none": UNLABELLED, "bad": UNREADABLE}
        names |= {"flagged": FLAGGED, "key": key}
        rows = []
        for *values, is_turned in self._run(query, names):
            row = WorklistRow(*values)
            flags = kept_when_turned(row.flags.split()) if is_turned else None
            rows.append(row if flags is None else replace(row, flags=" ".join(flags)))
        return rows

    def remember(self, name: str, value: str) -> None:
        self._run("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        row = self._row("SELECT value FROM state WHERE name = ?", (name,))
        return row[0] if row else None

    def _run(self, query: str, values: Any = ()) -> list[tuple]:
        """Run a query and return all rows. Raises RecordError for a damaged database, and
        sqlite3.OperationalError."""
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise RecordError(f"{self._name}: is damaged ({error}). {REBUILD}") from error

    def _images(self, condition: str, values: Any = ()) -> list[SessionImage]:
        rows = self._run(f"SELECT record FROM images {condition} ORDER BY sequence, key", values)
        return [from_bytes(SessionImage, row[0]) for row in rows]

    def _row(self, query: str, values: Any = ()) -> Any:
        """The first row, or None."""
        return next(iter(self._run(query, values)), None)

    def _make(self) -> None:
        version = self._version()
        if version not in (0, SCHEMA_VERSION):
            raise RecordError(f"{self._name}: is of another version of this program. {REBUILD}")
        if version == 0:
            with self.transaction():
                if self._version() == 0:  # another process may have created it meanwhile
                    for statement in filter(str.strip, SCHEMA.split(";")):
                        self._database.execute(statement)
                    self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        tables = {row[0] for row in self._run("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= TABLES:
            raise RecordError(f"{self._name}: lacks a table. {REBUILD}")

    def _version(self) -> int:
        return self._row("PRAGMA user_version")[0]


def _text(turn: Turn) -> str:
    return json.dumps(turn.to_json())
