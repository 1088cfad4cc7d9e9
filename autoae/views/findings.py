"""Findings in the terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from autoae.analysis.findings import Findings
from autoae.analysis.sentences import Sentence
from autoae.views.numbers import span

MOST = 8
"""Sentences of a part that are shown; the report has all."""


def findings_page(found: Findings) -> RenderableType:
    """What to use, what not to bother with, what stays open."""
    return Group(
        *_part("Use", "green", found.use),
        *_part("Do not bother", "yellow", found.skip),
        *_part("Open", "cyan", found.unsettled),
    )


def _part(title: str, style: str, sentences: Sequence[Sentence]) -> Iterator[RenderableType]:
    if not sentences:
        return
    yield Text()
    yield Text(title, style=f"bold {style}")
    for each in sentences[:MOST]:
        yield Padding(_line(each), (0, 0, 0, 2))
    if len(sentences) > MOST:
        yield Padding(
            Text(f"{len(sentences) - MOST} more in the report", style="dim"), (0, 0, 0, 2)
        )


def _line(sentence: Sentence) -> Text:
    rests = []
    if sentence.interval is not None:
        share = f"{100 * sentence.interval.confidence:.0f} %"
        rests.append(f"{share}: {span(sentence.interval.low, sentence.interval.high)}")
    rests += [sentence.basis] if sentence.basis else []
    rests += [_trials(sentence.trials)] if sentence.trials else []
    line = Text(f"- {sentence.text}")
    return line.append(f" ({'; '.join(rests)})", style="dim") if rests else line


def _trials(numbers: Sequence[int]) -> str:
    """A few by number, many by their count."""
    if len(numbers) > 6:
        return f"{len(numbers)} trials"
    word = "trial" if len(numbers) == 1 else "trials"
    return f"{word} {', '.join(map(str, numbers))}"
