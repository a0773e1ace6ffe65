"""What the elements and attributes of MEI are called here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

ID = "{http://www.w3.org/XML/1998/namespace}id"


def local_name(element: _Element) -> str:
    """Return the name of an element in any namespace; nothing for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """Yield the children of these names."""
    return (child for child in element if local_name(child) in names)


def descendants(element: _Element, *names: str) -> Iterator[_Element]:
    """Yield what stands within an element and has one of these names, in the order of the file."""
    return (child for child in element.iter() if local_name(child) in names)


def reference(element: _Element, attribute: str) -> str:
    """Return the id that an attribute refers to; empty without one."""
    return (element.get(attribute) or "").strip().lstrip("#")


def whole(text: str | None, default: int = 0) -> int:
    """Return a whole number, or the default for anything else."""
    stripped = (text or "").strip()
    digits = stripped.lstrip("+-")
    return int(stripped) if digits.isdecimal() and len(digits) < 7 else default


def words_of(element: _Element) -> str:
    """Return the text within an element, blanks as one."""
    return " ".join(" ".join(str(piece) for piece in element.itertext()).split())
