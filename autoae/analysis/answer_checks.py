"""What an answer says about confirmation, published figures, regularisation and the test split."""

from collections import Counter
from collections.abc import Iterator, Sequence

from autoae.analysis.claims import ClaimCheck, Verdict
from autoae.analysis.effects.paired_doubts import FEWEST_PAIRS
from autoae.analysis.evidence import Confirmation, TestOpening
from autoae.analysis.groups import CONFIDENCE, Group
from autoae.analysis.regularisation import regularisations
from autoae.analysis.sentences import Sentence, listed, number, percent, plural

_WORDS: dict[Verdict, tuple[str, str]] = {
    "holds": ("holds", "hold"),
    "does not hold": ("does not hold", "do not hold"),
    "no evidence": ("lacks evidence", "lack evidence"),
    "not comparable": ("is not comparable", "are not comparable"),
}


def confirmation_sentences(found: Confirmation | None) -> Iterator[Sentence]:
    """The best candidate after new seeds, and the smallest that is as good."""
    if found is None or not found.candidates:
        return
    best = found.candidates[0]
    seeds = plural(best.mean.count, "new seed")
    text = f"Confirmed with {seeds}: trial {best.trial} reaches {found.metric} "
    text += f"{number(best.mean.mean)} ({best.notation})."
    yield Sentence(text, (best.trial,), best.mean.interval, f"Student's t over {seeds}")
    small = next(each for each in found.candidates if each.trial == found.smallest)
    if small.trial != best.trial:
        size = "" if small.params is None else f" with {small.params:,.0f} parameters"
        text = f"The smallest network within one standard error of it is trial {small.trial}{size}."
        yield Sentence(text, (small.trial, best.trial), small.mean.interval)


def claim_sentences(claims: Sequence[ClaimCheck]) -> Iterator[Sentence]:
    """How many published figures hold."""
    if not claims:
        return
    counts = Counter(claim.verdict for claim in claims)
    parts = [
        f"{counts[verdict]} {words[counts[verdict] > 1]}"
        for verdict, words in _WORDS.items()
        if counts[verdict]
    ]
    text = f"Of {plural(len(claims), 'published figure')} {listed(parts)}."
    judged = counts["holds"] + counts["does not hold"]
    basis = (
        f"each against its own {percent(CONFIDENCE)} interval; one true figure in 20 would miss it"
    )
    trials = sorted({number for claim in claims for number in claim.trials})
    yield Sentence(text, tuple(trials), None, basis if judged else "")


def opening_sentences(found: TestOpening | None) -> Iterator[Sentence]:
    """That the test split was opened, and how often."""
    if found is None:
        return
    times = "once" if found.count == 1 else f"{found.count} times"
    where = "; figures on it stand under Test figures" if found.figures else ""
    text = f"The test split was opened {times}{where}."
    yield Sentence(text, tuple(sorted(found.figures)))


def regularisation_sentences(groups: Sequence[Group]) -> Iterator[Sentence]:
    """Whether reconstruction keeps a network from learning its images by heart."""
    found = [each for each in regularisations(groups) if each.figure == "accuracy"]
    if not found:
        return
    counts = Counter(each.verdict for each in found)
    text = f"Reconstruction as a regulariser: of {plural(len(found), 'comparison')} it makes the "
    text += "gap in accuracy between training and validation images smaller in "
    text += f"{counts['smaller gap']} and larger in {counts['larger gap']}"
    text += f"; {counts['no evidence']} without evidence." if counts["no evidence"] else "."
    seeds = max(each.change.count for each in found)
    basis = f"{plural(seeds, 'seed')}, paired, corrected for all comparisons"
    if seeds < FEWEST_PAIRS:
        basis = f"{plural(seeds, 'seed')}; {FEWEST_PAIRS} are needed"
    both = (group for each in found for group in (each.reconstructing, each.other))
    trials = {trial.number for group in both for trial in group.trials}
    yield Sentence(text, tuple(sorted(trials)), None, basis)
