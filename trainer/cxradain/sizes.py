"""Sizes on the disk, in one unit wherever they are told: MB of 10^6 bytes, as shops count them."""

from __future__ import annotations

MB, GB = 10**6, 10**9


def scaled(count: int) -> tuple[float, str]:
    """Bytes as a number and its unit, "MB" or "GB"."""
    return (count / GB, "GB") if count >= GB else (count / MB, "MB")


def size_text(count: int) -> str:
    """The same in English."""
    size, unit = scaled(count)
    return f"{size:.1f} {unit}"
