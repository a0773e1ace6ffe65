"""The little Markdown that reports use, as an HTML page that needs no other file."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping


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
        f"<h2>{html.escape(name.removesuffix('.png').replace('_', ' '))}</h2>"
        f'<img alt="{html.escape(name)}" src="data:image/png;base64,'
        f'{base64.b64encode(image).decode()}">'
        for name, image in figures.items()
    )
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;"
        "color:#222;background:#fff}table{border-collapse:collapse;font-size:14px}td,th{border-bottom:"
        "1px solid #ddd;padding:.3rem .6rem;text-align:left}img{max-width:100%}"
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width">'
        f"<title>{html.escape(title)}</title>"
        f"<style>{style}</style><body>{_to_html(markdown)}{images}</body></html>"
    )


def _to_html(markdown: str) -> str:
    """Return the little Markdown that summaries use as HTML."""
    blocks, table = [], []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if table:
            blocks.append(_html_table(table))
            table = []
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            blocks.append(f"<h{level}>{_inline(line.lstrip('# '))}</h{level}>")
        elif line.startswith("- "):
            blocks.append(f"<li>{_inline(line[2:])}</li>")
        elif line:
            blocks.append(f"<p>{_inline(line)}</p>")
    return "\n".join(blocks)


def _html_table(rows: list[list[str]]) -> str:
    head = "".join(f"<th>{_inline(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows[2:]
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _inline(text: str) -> str:
    safe = html.escape(text)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", safe)
