"""Universal kriging of a search: effects averaged over the uniform space, with their errors."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.linalg import solve_triangular

from autoae.analysis.effects.arrays import Numbers
from autoae.analysis.effects.design import Design
from autoae.analysis.effects.estimates import Estimate

SMOOTH = tuple(10.0**power for power in (-0.5, 0, 1, 2, 3))
JOINT = tuple(10.0**power for power in (-0.5, 0, 0.5, 1, 1.5, 2, 3))
"""Variances of curvature and of interactions over that of the noise, all considered.

None is zero: that a search saw no interaction is no proof that there is none, and where the sampler
left combinations untried the interval has to say so.
"""

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
        noise: The variance of the noise, of shape (metrics,).
    """

    ratios: Ratios
    likelihood: Numbers
    values: Numbers
    variances: Numbers
    noise: Numbers


@dataclass(frozen=True)
class Fit:
    """What the model says, averaged over all ratios.

    Attributes:
        estimates: Of each target in each metric, `estimates[target][metric]`.
        noise: The standard deviation of the noise in each metric, of shape (metrics,).
        likeliest: The pair of ratios that is likeliest for each metric.
    """

    estimates: tuple[tuple[Estimate, ...], ...]
    noise: Numbers
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
    noise = np.einsum("rm,rm->m", weights, np.stack([each.noise for each in found]))
    best = likelihood.argmax(axis=0)
    return Fit(
        estimates=as_estimates(mean, errors, design.degrees),
        noise=np.sqrt(noise),
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
    kriging: Stein, 1999, section 1.5). The variance of an error is the larger one of two: that
    of the model, and one in which each trial has a noise variance of its own, from its residual
    (HC2: MacKinnon and White, 1985, https://doi.org/10.1016/0304-4076(85)90158-7), which holds
    where the noise differs between settings.

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
    unseen = _unseen(design, process, weights, smooth)[:, None]
    own = (whiten.T @ residuals) ** 2 / (rest**2).sum(axis=0)[:, None]
    spread = np.maximum(noise * (weights**2).sum(axis=0)[:, None], (weights**2).T @ own)
    return Solution(
        ratios=ratios,
        likelihood=-0.5 * design.degrees * np.log(np.maximum(noise, np.finfo(float).tiny))
        + np.log(np.diag(whiten)).sum()
        - np.log(np.abs(np.diag(upper))).sum(),
        values=weights.T @ outcomes,
        variances=noise * unseen + spread,
        noise=noise,
    )


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


def _unseen(design: Design, process: Numbers, weights: Numbers, smooth: float) -> Numbers:
    """The variance, over that of the noise, that comes of curvature and interactions."""
    crossed = (weights * (smooth * design.covariance)).sum(axis=0)
    seen = (weights * (process @ weights)).sum(axis=0)
    return np.asarray(np.maximum(smooth * design.variance - 2 * crossed + seen, 0.0))
