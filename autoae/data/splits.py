"""Which images are for training, for validation and for the test.

All splits come from one fixed order of the images, in which every beginning holds the classes
in nearly the same shares as the whole. They depend on labels and sizes only, never on the seed
of a training, so that all trials of all studies are judged by the same images.
"""

import numpy as np

from autoae.data.images import Integers

_SEED = 20_240_229


def stratified_order(labels: Integers) -> Integers:
    """A fixed permutation of the images; each of its beginnings is stratified.

    The image with rank r in its class of n stands at (r + 1/2) / n, so a beginning with the
    share t of all images has n·t of that class, give or take one.

    Args:
        labels: (N,), the class of each image.

    Returns:
        (N,), the indices of the images.
    """
    random = np.random.default_rng(_SEED)
    position = np.empty(len(labels))
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        position[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    ties = random.permutation(len(labels))
    return np.lexsort((ties, position)).astype(np.int64)


def held_out(labels: Integers, count: int) -> tuple[Integers, Integers]:
    """Hold out `count` images, stratified; both parts ascending.

    Args:
        labels: (N,), the class of each image.
        count: Images to hold out, at most N.

    Returns:
        The rows that stay and the rows that are held out.
    """
    order = stratified_order(labels)
    return np.sort(order[count:]), np.sort(order[:count])


def training_and_validation(
    labels: Integers, validation: int, limit: int | None
) -> tuple[Integers, Integers]:
    """Divide the training images; a limit leaves the validation images as they are.

    Args:
        labels: (N,), the class of each training image.
        validation: Images held out, fewer than N.
        limit: Images to train on at most, or None for all that remain.

    Returns:
        The rows to train on and the rows to validate on, each ascending.
    """
    order = stratified_order(labels)
    end = None if limit is None else validation + limit
    return np.sort(order[validation:end]), np.sort(order[:validation])
