"""The little Markdown that reports use, as an HTML page that needs no other file."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from itertools import groupby


def html_page(markdown: str, figures: Mapping[str, bytes], *, title: str) -> str:
    """Return a page of a Markdown text with its figures below.

    Parameters
    ----------
    markdown : str
        Headings, paragraphs, ``-`` items, tables, ``**`` and ``*``.
    figures : mapping of file name to PNG
    title : str
    """
    images = "".join(
        f"<h2>{html.escape(_caption(name))}</h2>"
        f'<img alt="{html.escape(_caption(name))}" src="data:image/png;base64,'
        f'{base64.b64encode(image).decode()}">'
        for name, image in figures.items()
    )
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;"
        "color:#222;background:#fff}table{border-collapse:collapse;font-size:14px;margin:1rem 0}"
        "td,th{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left}img{max-width:100%}"
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width">'
        f"<title>{html.escape(title)}</title>"
        f"<style>{style}</style><body>{_to_html(markdown)}{images}</body></html>"
    )


def _caption(name: str) -> str:
    words = name.removesuffix(".png").replace("_", " ")
    return words[:1].upper() + words[1:]


def _to_html(markdown: str) -> str:
    """Return the little Markdown that summaries use as HTML."""
    blocks: list[str] = []
    for kind, run in groupby(markdown.splitlines(), key=_kind):
        lines = list(run)
        if kind == "table":
            cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            blocks.append(_html_table(cells))
        elif kind == "list":
            items = "".join(f"<li>{_inline(line[2:])}</li>" for line in lines)
            blocks.append(f"<ul>{items}</ul>")
        else:
            blocks += [_html_line(line) for line in lines if line]
    return "\n".join(blocks)


def _kind(line: str) -> str:
    if line.startswith("|"):
        return "table"
    return "list" if line.startswith("- ") else "text"


def _html_line(line: str) -> str:
    if line.startswith("#"):
        level = len(line) - len(line.lstrip("#"))
        return f"<h{level}>{_inline(line.lstrip('# '))}</h{level}>"
    return f"<p>{_inline(line)}</p>"


def _html_table(rows: list[list[str]]) -> str:
    head = "".join(f"<th>{_inline(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_together(_inline(cell))}</td>" for cell in row) + "</tr>"
        for row in rows[2:]
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _together(cell: str) -> str:
    """Keep a number and its interval on one line."""
    return re.sub(r"^\S+ \[[^\]]*\]$", lambda m: m[0].replace(" ", "&nbsp;"), cell)


def _inline(text: str) -> str:
    safe = html.escape(text)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", safe)
