"""Universal kriging of a search: effects averaged over the uniform space, with their errors."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.linalg import solve_triangular

from autoae.analysis.effects.arrays import Numbers
from autoae.analysis.effects.design import Design
from autoae.analysis.effects.estimates import Estimate

SMOOTH = tuple(10.0**power for power in (-1, 0, 1, 2, 3))
JOINT = tuple(10.0**power for power in (-1, 0, 0.5, 1, 1.5, 2, 3))
"""Variances of curvature and of interactions over that of the noise, all considered.

None is zero: that a search saw no interaction is no proof that there is none, and where the sampler
left combinations untried the interval has to say so.
"""

TRUSTED = 2.0
"""Where a sampler preferred some levels, what an effect owes to curvature and interactions that
it hardly tried is trusted up to this multiple of the noise; the variance of the rest is doubled.
The assumption that all interactions are of like size fails there first (`docs/effects.md`).
"""

_TINY = float(np.finfo(np.float64).tiny)

Ratios = tuple[float, float]
"""Of curvature and of interactions."""


@dataclass(frozen=True)
class Solution:
    """What the model says for one pair of ratios.

    Attributes:
        ratios: The pair.
        likelihood: Log of the restricted likelihood of each metric, of shape (metrics,).
        values: Of each target in each metric, of shape (targets, metrics).
        variances: Of the errors of these values, of the same shape.
    """

    ratios: Ratios
    likelihood: Numbers
    values: Numbers
    variances: Numbers


@dataclass(frozen=True)
class Fit:
    """What the model says, averaged over all ratios.

    Attributes:
        estimates: Of each target in each metric, `estimates[target][metric]`.
        likeliest: The pair of ratios that is likeliest for each metric.
    """

    estimates: tuple[tuple[Estimate, ...], ...]
    likeliest: tuple[Ratios, ...]


def fit(design: Design, outcomes: Numbers) -> Fit:
    """Every target in every metric.

    Args:
        design: Of the trials.
        outcomes: Of shape (trials, metrics).
    """
    found = [solve(design, outcomes, ratios) for ratios in product(SMOOTH, JOINT)]
    likelihood = np.stack([each.likelihood for each in found])
    weights = np.exp(likelihood - likelihood.max(axis=0))
    weights /= weights.sum(axis=0)
    values = np.stack([each.values for each in found])
    mean = np.einsum("rm,rtm->tm", weights, values)
    spread = np.stack([each.variances for each in found]) + (values - mean) ** 2
    errors = np.sqrt(np.einsum("rm,rtm->tm", weights, spread))
    best = likelihood.argmax(axis=0)
    return Fit(
        estimates=as_estimates(mean, errors, design.degrees),
        likeliest=tuple(found[index].ratios for index in best),
    )


def as_estimates(
    values: Numbers, errors: Numbers, degrees: int
) -> tuple[tuple[Estimate, ...], ...]:
    """Values and standard errors of shape (targets, metrics), one by one."""
    return tuple(
        tuple(
            Estimate(float(value), float(error), degrees)
            for value, error in zip(*rows, strict=True)
        )
        for rows in zip(values, errors, strict=True)
    )


def solve(design: Design, outcomes: Numbers, ratios: Ratios) -> Solution:
    """The best linear unbiased prediction of every target, for given ratios of variances.

    Fixed columns have no prior, curvature and interactions are Gaussian processes (universal
    kriging: Stein, 1999, section 1.5). Where the trials that weigh most in a target are worse
    predicted than the model expects, as those of a setting with more noise or in a corner that
    the sampler left, its variance grows in proportion: each trial's squared residual over its
    leverage is its own noise variance (HC2: MacKinnon and White, 1985,
    https://doi.org/10.1016/0304-4076(85)90158-7).

    Args:
        design: Of the trials.
        outcomes: Of shape (trials, metrics).
        ratios: Of the variances of curvature and of interactions to that of the noise.
    """
    smooth, joint = ratios
    process = smooth * design.smooth + joint * design.joint
    whiten = _whitening(process + np.eye(len(process)))
    basis, upper = np.linalg.qr(whiten @ design.fixed)
    rest = whiten - basis @ (basis.T @ whiten)
    residuals = rest @ outcomes
    noise = (residuals**2).sum(axis=0) / design.degrees
    weights = _weights(design, whiten, (basis, upper), smooth)
    worse = _worse(weights, whiten.T @ residuals, (rest**2).sum(axis=0), noise)
    determinants = np.log(np.diag(whiten)).sum() - np.log(np.abs(np.diag(upper))).sum()
    return Solution(
        ratios=ratios,
        likelihood=determinants - 0.5 * design.degrees * np.log(np.maximum(noise, _TINY)),
        values=weights.T @ outcomes,
        variances=noise * _variance(design, process, weights, smooth)[:, None] * worse,
    )


def _worse(weights: Numbers, residuals: Numbers, leverages: Numbers, noise: Numbers) -> Numbers:
    """How many times worse than expected the trials of each target are predicted, 1 at least.

    Args:
        weights: Of shape (trials, targets).
        residuals: Of the whitened model, of shape (trials, metrics).
        leverages: Their variances over that of the noise; 0 of a trial alone at its level.
        noise: Its variance, of shape (metrics,).
    """
    own = residuals**2 / np.maximum(leverages, _TINY)[:, None]
    own = np.where(leverages[:, None] > 1e-9, own, noise)
    squares = weights**2
    expected = np.maximum(noise * squares.sum(axis=0)[:, None], _TINY)
    return np.asarray(np.maximum(1.0, squares.T @ own / expected))


def _whitening(covariance: Numbers) -> Numbers:
    """The inverse of the lower Cholesky factor."""
    lower = np.linalg.cholesky(covariance)
    return np.asarray(solve_triangular(lower, np.eye(len(lower)), lower=True))


def _weights(
    design: Design, whiten: Numbers, decomposition: tuple[Numbers, Numbers], smooth: float
) -> Numbers:
    """Of each trial in each target, of shape (trials, targets)."""
    basis, upper = decomposition
    across = smooth * whiten @ design.covariance
    needed = solve_triangular(upper, design.coefficients, trans=1) - basis.T @ across
    return np.asarray(whiten.T @ (across + basis @ needed))


def _variance(design: Design, process: Numbers, weights: Numbers, smooth: float) -> Numbers:
    """The variance of the errors of the targets over that of the noise."""
    crossed = (weights * (smooth * design.covariance)).sum(axis=0)
    explained = (weights * (process @ weights)).sum(axis=0)
    unseen = np.maximum(smooth * design.variance - 2 * crossed + explained, 0.0)
    seen = (weights**2).sum(axis=0)
    doubled = np.maximum(unseen - TRUSTED * seen, 0.0) if design.uneven else 0.0
    return np.asarray(seen + unseen + doubled)
