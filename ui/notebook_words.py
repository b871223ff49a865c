"""Words between the answers of a notebook, with their marks, as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from journey.reports.marked import Block, Span, blocks
from ui.words import literal

__all__ = ["show_words"]


def show_words(words: str) -> None:
    """Words with their marks: each piece is escaped, so that Markdown sees our marks only."""
    waiting: list[str] = []
    for block in blocks(words):
        if block.kind == "heading":
            _paragraphs(waiting)
            show = st.header if block.level == 1 else st.subheader
            show(_line(block.lines[0]), anchor=False)
        else:
            waiting.append(_said(block))
    _paragraphs(waiting)


def _paragraphs(waiting: list[str]) -> None:
    if waiting:
        st.markdown("\n\n".join(waiting))
        waiting.clear()


def _said(block: Block) -> str:
    lines = [_line(line) for line in block.lines]
    match block.kind:
        case "bullets":
            return "\n".join(f"- {line}" for line in lines)
        case "numbers":
            return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
        case "quote":
            return "  \n".join(f"> {line}" for line in lines)
        case _:
            return "  \n".join(lines)


def _line(spans: Sequence[Span]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    """An invisible joiner at the marks: beside a sign or a syllable Markdown would not take them as marks."""
    marks = "**" if span.bold else "*" if span.italic else ""
    return f"{marks}\u2060{literal(span.text)}\u2060{marks}" if marks else literal(span.text)
