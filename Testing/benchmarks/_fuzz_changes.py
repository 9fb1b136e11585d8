"""Random changes of bytes, of JSON values and of the lines of text headers, for `fuzz`."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

# Values that may trip a reader; each may replace any value of a JSON document.
VALUES: list[Any] = [
    *(None, True, [], {}, "", "x" * 5000, "\ud800", "\0", "../../x", -1, 0, 1 << 31, 1 << 63, 1 << 2000, 0.5),
    *(float("nan"), float("inf"), -1e308, [[]], [None], {"a": []}, ["x"] * 50, {"": {"": 1}}),
]
BYTES = [b"\0", b"\xff", b"\x7f", b"\x80", b"\n", b" ", b"-1", b"9" * 20, b"\xff\xff\xff\xff", b"\0" * 8]

WORDS = [b"nan", b"1e999", b"none", b"../x", b"LIST"]


def changed_bytes(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some flipped, replaced, inserted, removed or repeated, mostly in the header, or cut
    short."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        end = len(made) if chance.random() < 0.5 else min(len(made), 1000)
        at = chance.randrange(end) if end else 0
        kind = chance.randrange(6)
        if kind == 0 and made:
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            piece = chance.choice(BYTES)
            made[at : at + len(piece)] = piece
        elif kind == 2:
            made[at:at] = chance.choice(BYTES)
        elif kind == 3:
            del made[at : at + chance.choice((1, 4, 100))]
        elif kind == 4:
            made[at:at] = made[at : at + chance.choice((4, 50, 2000))]
        else:
            del made[at:]
    return bytes(made)


def changed_json(data: bytes, chance: random.Random) -> bytes:
    """A JSON document with a value replaced or removed, or with its bytes changed."""
    if chance.random() < 0.3:
        return changed_bytes(data, chance)
    content = json.loads(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        places: list[tuple[Any, Any]] = []
        waiting = [content]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                places += [(one, key) for key in one]
                waiting += one.values()
            elif isinstance(one, list):
                places += [(one, number) for number in range(len(one))]
                waiting += one
        if not places or chance.random() < 0.05:
            content = deepcopy(chance.choice(VALUES))
            continue
        owner, key = chance.choice(places)
        if chance.random() < 0.2:
            del owner[key]
        else:
            owner[key] = deepcopy(chance.choice(VALUES))
    if chance.random() < 0.02:
        return b"[" * 100_000
    text = json.dumps(content)
    return (text[: chance.randrange(len(text))] if chance.random() < 0.05 and text else text).encode()


def changed_number(text: bytes, chance: random.Random) -> bytes:
    """A file whose text header has one line changed, repeated or removed."""
    head, mark, rest = text.partition(b"\n\n")
    lines = head.split(b"\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, chance.choice(lines))
    elif kind == 2:
        name, colon, _ = lines[at].partition(b":")
        lines[at] = name + colon + b" " + chance.choice([*BYTES, *WORDS])
    else:
        lines[at] = changed_bytes(lines[at], chance)
    return b"\n".join(lines) + mark + rest
