"""New rows between old ones, and rows left out for their neighbours: imbalanced-learn, but for SMOTE(NC)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.errors import RecipeError
from steelyard.recipe.imbalance import ADASYN, SMOTEENN, BorderlineSMOTE, Inventive, SMOTETomek
from steelyard.resampling.space import Space, dense_if_narrow, for_distances

MOST_PAIRS = 10_000**2
"""SMOTEN keeps a matrix of the distances between all rows of the rarer class: 800 MB at this many."""
_SEEDS = 2**32
"""imbalanced-learn's seeds are below this."""


def invent(
    space: Space, target: NDArray[np.uint8], rare: int, wanted: int, spec: Inventive, k: int, seed: int
) -> NDArray[np.float64]:
    """New points of the class ``rare``, laid out as ``space.matrix``, so that it has about ``wanted``.

    ``k`` is ``spec.k_neighbors`` or as many as there are.
    """
    from imblearn import over_sampling

    strategy = {rare: wanted}
    width = space.numbers.shape[1]
    if isinstance(spec, BorderlineSMOTE):
        m = min(spec.m_neighbors, len(target) - 1)
        return _run(
            over_sampling.BorderlineSMOTE, space, target, strategy, seed, k_neighbors=k, m_neighbors=m
        )
    if isinstance(spec, ADASYN):
        return _adasyn(space, target, strategy, k, seed)
    if not width:
        _refuse_too_many(int((target == rare).sum()), spec)
        return _run(over_sampling.SMOTEN, space, target, strategy, seed, k_neighbors=k)
    mask = target == rare
    return _smote(space, mask, wanted - int(mask.sum()), k, seed)


def kept(
    space: Space,
    points: NDArray[np.float64],
    target: NDArray[np.uint8],
    rare: int,
    spec: SMOTEENN | SMOTETomek,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which rows of ``space`` and which of the new ``points`` stay, ascending."""
    from imblearn import under_sampling

    everything = np.vstack((space.matrix, points))
    labels = np.concatenate((target, np.full(len(points), rare, np.uint8)))
    matrix: Any = everything
    if space.states.shape[1]:
        matrix = dense_if_narrow(for_distances(everything, space.numbers.shape[1], labels == rare))
    cleaner: Any
    if isinstance(spec, SMOTEENN):
        n = min(spec.enn_neighbors, len(labels) - 1)
        cleaner = under_sampling.EditedNearestNeighbours(sampling_strategy="all", n_neighbors=n)
    else:
        cleaner = under_sampling.TomekLinks(sampling_strategy="all")
    cleaner.fit_resample(matrix, labels)
    stay = np.sort(np.asarray(cleaner.sample_indices_, np.intp))
    return stay[stay < len(target)], stay[stay >= len(target)] - len(target)


def _run(
    sampler: Any,
    space: Space,
    target: NDArray[np.uint8],
    strategy: dict[int, int],
    seed: int,
    **arguments: Any,
) -> NDArray[np.float64]:
    """What a sampler of imbalanced-learn appends to the rows it is given."""
    made = sampler(sampling_strategy=strategy, random_state=seed % _SEEDS, **arguments)
    points, _ = made.fit_resample(space.matrix, target)
    return np.asarray(points[len(target) :], np.float64)


def _adasyn(
    space: Space, target: NDArray[np.uint8], strategy: dict[int, int], k: int, seed: int
) -> NDArray[np.float64]:
    from imblearn import over_sampling

    try:
        return _run(over_sampling.ADASYN, space, target, strategy, seed, n_neighbors=k)
    except (RuntimeError, ValueError) as error:
        raise RecipeError(
            "imbalance.resampling: adasyn invents rows where the classes meet, and finds no such place: "
            f"{' '.join(str(error).split())}",
            help="use smote",
        ) from error


def _smote(space: Space, rare: NDArray[np.bool_], count: int, k: int, seed: int) -> NDArray[np.float64]:
    """``count`` points by SMOTE, or where there are states by SMOTENC (Chawla et al. 2002, section 6.1).

    Written out here because imbalanced-learn copies the rows of both classes several times, gigabytes of a
    million rows, and its SMOTENC takes several seconds for a few ten thousand points, one fold after the
    other. The numbers it draws are drawn in the same order, so the points are the same, but for states that
    tie among the neighbours: these are broken by other draws.
    """
    from sklearn.neighbors import NearestNeighbors

    width = space.numbers.shape[1]
    points = space.matrix[rare]
    search: Any = points
    if width < points.shape[1]:
        search = dense_if_narrow(for_distances(points, width, np.ones(len(points), bool)))
    neighbours = NearestNeighbors(n_neighbors=k + 1).fit(search).kneighbors(search, return_distance=False)
    neighbours = neighbours[:, 1:]
    random = np.random.RandomState(seed % _SEEDS)
    base, which = np.divmod(random.randint(0, neighbours.size, count), k)
    step = random.uniform(size=(count, 1))
    made = points[base]
    made[:, :width] += step * (points[neighbours[base, which], :width] - made[:, :width])
    for column in range(width, points.shape[1]):
        made[:, column] = _commonest(points[neighbours[base], column], random)
    return made


def _commonest(values: NDArray[np.float64], random: np.random.RandomState) -> NDArray[np.float64]:
    """The commonest value of each row, one of them at random where several are."""
    alike = random.uniform(size=values.shape)  # decides between equally common ones
    for other in values.T:
        alike += values == other[:, None]
    best = np.argmax(alike, axis=1)
    return np.asarray(values[np.arange(len(values)), best])


def _refuse_too_many(rows: int, spec: Inventive) -> None:
    if rows**2 > MOST_PAIRS:
        raise RecipeError(
            f"imbalance.resampling: {spec.name} on categories alone (SMOTEN) compares all pairs of rows of "
            f"the rarer class; there are {rows:,} such rows, the limit is {int(MOST_PAIRS**0.5):,}",
            help="use random_over_sampling, or class weights",
        )
