"""A report as Markdown: its text and tables, with links to its figures where there are files."""

import re
from collections.abc import Iterator

from autoae.analysis.sentences import Sentence
from autoae.views.escaping import escaped
from autoae.views.numbers import span
from autoae.views.report.blocks import (
    Block,
    Code,
    Missing,
    Pictures,
    Plot,
    Report,
    Section,
    Sentences,
    Table,
    Text,
)
from autoae.views.report.html import trials_text


def markdown(report: Report, figures: str | None = None) -> str:
    """The report as text.

    Args:
        report: All of its texts are escaped.
        figures: The folder of its figures as PNG, as the text is to name it; None without.
    """
    lines = [f"# {escaped(report.title)}", ""]
    lines += [escaped(report.question), ""] if report.question else []
    lines += [f"- {word}: {escaped(value)}" for word, value in report.facts]
    for section in report.sections:
        lines += _section(section, figures)
    return "\n".join([*lines, "", report.footer]) + "\n"


def _section(section: Section, figures: str | None) -> Iterator[str]:
    yield from ("", f"## {section.title}")
    for block in section.blocks:
        lines = list(_lines(block, figures))
        if lines:
            yield from ("", *lines)


def _lines(block: Block, figures: str | None) -> Iterator[str]:
    match block:
        case Text(text):
            yield escaped(text)
        case Missing(text):
            yield f"Not shown: {escaped(text)}."
        case Sentences(sentences):
            yield from (_sentence(each) for each in sentences)
        case Table():
            yield from _table(block)
        case Plot(name=name, caption=caption) | Pictures(name=name, caption=caption):
            yield _figure(name, escaped(caption), figures)
        case Code(text, summary):
            yield from ([f"{escaped(summary)}:", ""] if summary else [])
            fence = _fence(text)
            yield from (fence, text.rstrip("\n"), fence)


def _figure(name: str, caption: str, figures: str | None) -> str:
    if figures is None:
        return f"Only in the HTML report, or with `--figures`: {caption}"
    return f"![{caption}]({figures}/{name}.png)"


def _sentence(sentence: Sentence) -> str:
    rests = []
    if sentence.interval is not None:
        share = f"{100 * sentence.interval.confidence:.0f} %"
        rests.append(f"{share}: {span(sentence.interval.low, sentence.interval.high)}")
    rests += [sentence.basis] if sentence.basis else []
    rests += [trials_text(sentence.trials)] if sentence.trials else []
    basis = f" *({escaped('; '.join(rests))})*" if rests else ""
    return f"- {escaped(sentence.text)}{basis}"


def _table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(escaped(title) for title, _ in table.headings) + " |"
    yield (
        "| " + " | ".join("---:" if is_number else "---" for _, is_number in table.headings) + " |"
    )
    for row in table.rows:
        yield "| " + " | ".join(escaped(cell) for cell in row) + " |"
    if table.caption:
        yield from ("", escaped(table.caption))


def _fence(text: str) -> str:
    """More backticks than stand together anywhere in a text."""
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    return "`" * max(3, longest + 1)
