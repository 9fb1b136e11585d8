"""Frames: messages survive encoding and decoding in pieces of any size; other bytes are refused."""

from __future__ import annotations

import contextlib
import json
import zlib

import numpy as np
import pytest
from cxradain.frames import LARGEST_ARRAY, LARGEST_HEADER, FrameError, FrameReader, encode
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

TYPES = (
    "bool",
    "uint8",
    "int8",
    "uint16",
    "int16",
    ">u2",
    ">f4",
    "int32",
    "uint32",
    "int64",
    "f4",
    "f8",
    "f2",
)
array = st.sampled_from(TYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6))
)
message = st.fixed_dictionaries(
    {
        "id": st.integers(0, 1 << 40),
        "text": st.text(),
        "value": st.floats(allow_nan=False, allow_infinity=False),
    }
)


@given(
    st.lists(st.tuples(message, st.dictionaries(st.text(max_size=5), array, max_size=3)), max_size=3),
    st.booleans(),
    st.integers(1, 40),
)
def test_messages_survive_encoding_and_decoding_in_pieces(sent, packed, step):
    stream = b"".join(
        bytes(part) for header, arrays in sent for part in encode(header, arrays, arrays if packed else ())
    )
    frames = FrameReader()
    found = [m for at in range(0, len(stream), step) for m in frames.feed(stream[at : at + step])]
    assert [m.header for m in found] == [header for header, _ in sent]
    for got, (_, arrays) in zip(found, sent, strict=True):
        assert got.arrays.keys() == arrays.keys()
        for name, value in arrays.items():
            assert got.arrays[name].shape == value.shape
            assert got.arrays[name].dtype == value.dtype.newbyteorder("<")
            np.testing.assert_array_equal(got.arrays[name], value)


def test_array_views_and_slices_keep_their_values():
    plane = np.arange(60, dtype=np.uint16).reshape(6, 10)
    sent = {"flipped": plane[::-1, ::2], "turned": plane.T}
    (got,) = FrameReader().feed(b"".join(bytes(part) for part in encode({}, sent)))
    for name, value in sent.items():
        np.testing.assert_array_equal(got.arrays[name], value)


def test_arrays_are_not_copied_to_be_sent():
    pixels = np.zeros((50, 40), np.uint16)
    assert np.shares_memory(np.frombuffer(encode({}, {"pixels": pixels})[1], np.uint8), pixels)


def test_masks_are_packed():
    parts = encode({}, {"labels": np.ones((2500, 2000), np.uint8)})
    assert sum(map(len, parts)) < 50_000


@pytest.mark.parametrize(
    "bad", [np.array(["text"]), np.array([None]), np.zeros(2, "c8"), np.zeros(2, "M8[s]")]
)
def test_only_numbers_can_be_sent(bad):
    with pytest.raises(FrameError, match="cannot be sent"):
        encode({}, {"x": bad})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, b"bytes"])
def test_a_header_that_json_cannot_hold_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        encode({"value": value})


def test_numbers_of_numpy_may_stand_in_a_header():
    (got,) = FrameReader().feed(b"".join(encode({"a": np.int64(3), "b": [np.float32(0.5)]})))
    assert got.header == {"a": 3, "b": [0.5]}


def frame(**entry) -> bytes:
    whole = {"name": "x", "dtype": "|u1", "shape": [4], "bytes": 4, "packed": False} | entry
    return json.dumps({"id": 1, "arrays": [whole]}).encode() + b"\n" + b"\1" * 64


@pytest.mark.parametrize(
    "stream",
    [
        b"Welcome to this host!\n",
        b"{half a line\n",
        b"[1, 2]\n",
        b"{" + b" " * LARGEST_HEADER,
        b'{"arrays": 3}\n',
        b'{"arrays": [{}]}\n',
        frame(dtype="|O"),
        frame(dtype="u1,u1"),
        frame(dtype=3),
        frame(shape=[-1]),
        frame(shape=[1 << 40, 1 << 40], bytes=0, packed=True),
        frame().replace(b"[4]", b"[1e999]"),
        frame(shape=None),
        json.dumps({"arrays": [{"name": str(n)} for n in range(17)]}).encode() + b"\n",
        frame(bytes=5),
        frame(bytes=LARGEST_ARRAY + 1, packed=True),
        frame(bytes=-4),
        frame(bytes=10, packed=True),
    ],
)
def test_bytes_that_are_no_frame_raise_protocol_errors(stream):
    frames = FrameReader()
    with pytest.raises(FrameError):
        frames.feed(stream)
    with pytest.raises(FrameError):
        frames.feed(b"")


def test_protocol_error_shows_the_text_received_instead():
    with pytest.raises(FrameError, match="Welcome"):
        FrameReader().feed(b"Welcome to this host!\n")


def test_a_mask_cannot_grow_beyond_what_was_announced():
    bomb = zlib.compress(bytes(1 << 24))
    header = frame(bytes=len(bomb), packed=True, shape=[10]).split(b"\n")[0]
    with pytest.raises(FrameError, match="another size"):
        FrameReader().feed(header + b"\n" + bomb)


@given(st.binary(max_size=200))
def test_random_bytes_give_protocol_errors_alone(data):
    with contextlib.suppress(FrameError):
        FrameReader().feed(data)
