"""Texts of users inside Markdown."""

import re


def escaped(text: str) -> str:
    """Text that Markdown shows as it is; line breaks become spaces."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Text as code within a line, where nothing but a backtick means anything."""
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"
