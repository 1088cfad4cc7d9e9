"""Corrections for many comparisons."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values: claiming those up to 5 % claims anything false in 5 % of studies at most.

    Step-down after Holm (1979), https://www.jstor.org/stable/4615733: valid however the
    comparisons depend on one another, and never weaker than Bonferroni.

    Args:
        p_values: One for each comparison.

    Returns:
        The adjusted ones, in the same order, at most 1.
    """
    adjusted = [1.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return tuple(adjusted)
