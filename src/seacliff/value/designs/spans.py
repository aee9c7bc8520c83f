"""Projections on fixed effects, dummies and covariates with their exact leverages, without an n x k matrix of dummies.

A column space is taken apart into three orthogonal ones: means of cells; dummies less their means in cells, which are alike
for all rows of one (cell, dummy) pair and so are kept by pair; and covariates less both. A thousand cells and a hundred
reviewers on a million rows need no more than a hundred thousand rows of a hundred columns.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
TOLERANCE = 1e-10  # of squared singular values, relative to the largest


def codes_of(*columns: object) -> Codes:
    """0..k-1 for the distinct values of a column, or of several together."""
    together = np.zeros(0, np.int64)
    for number, column in enumerate(columns):
        values = np.unique(np.asarray(column), return_inverse=True)[1].astype(np.int64).ravel()
        together = values if not number else together * (values.max(initial=0) + 1) + values
    return np.unique(together, return_inverse=True)[1].astype(np.int64).ravel()


def matrix(columns: object, rows: int) -> Array:
    """Covariates as floats, one column each; none as a matrix without columns."""
    if columns is None:
        return np.zeros((rows, 0))
    values = np.asarray(columns, np.float64)
    return values.reshape(rows, -1)


class Means:
    """Projection on the dummies of one grouping."""

    def __init__(self, codes: Codes) -> None:
        self.codes = codes
        self.count = np.bincount(codes).astype(np.float64)

    def of(self, values: Array) -> Array:
        """Group means, spread to the rows. Values: (n,) or (n, k)."""
        return (self.sums(values) / (self.count if values.ndim == 1 else self.count[:, None]))[self.codes]

    def sums(self, values: Array) -> Array:
        if values.ndim == 1:
            return np.bincount(self.codes, values, len(self.count))
        total = np.empty((len(self.count), values.shape[1]))
        for number, column in enumerate(values.T):
            total[:, number] = np.bincount(self.codes, column, len(self.count))
        return total


def orthonormal(columns: Array, weights: Array | None = None) -> Array:
    """A basis Q of the columns' space with Q'WQ = 1, collinear columns left out.

    Twice by the eigenvectors of the Gram matrix, so that rounding does not leave it askew (as Cholesky QR2).
    """
    for _ in range(2):
        if not columns.shape[1]:
            break
        weighted = columns if weights is None else columns * weights[:, None]
        values, vectors = np.linalg.eigh(columns.T @ weighted)
        kept = values > TOLERANCE * max(values[-1], 1e-300)
        columns = columns @ (vectors[:, kept] / np.sqrt(values[kept]))
    return columns


class Span:
    """The column space of cells (means), dummies of a second grouping, and covariates."""

    def __init__(self, cells: Codes, dummies: Codes | None = None, covariates: Array | None = None) -> None:
        self.cells = Means(cells)
        self.pairs, self.by_pair = self._dummies(cells, dummies)
        columns = matrix(covariates, len(cells))
        rest = columns - self._by_groups(columns) if columns.shape[1] else columns
        size = np.sqrt((columns**2).sum(axis=0))
        rest = rest[:, (rest**2).sum(axis=0) > TOLERANCE * size**2]  # what groups explain leaves rounding behind
        self.by_row = orthonormal(rest / np.sqrt((rest**2).sum(axis=0)) if rest.shape[1] else rest)

    def _dummies(self, cells: Codes, dummies: Codes | None) -> tuple[Means | None, Array]:
        if dummies is None:
            return None, np.zeros((0, 0))
        pairs = Means(codes_of(cells, dummies))
        first = np.unique(pairs.codes, return_index=True)[1]
        own = np.zeros((len(first), int(dummies.max()) + 1))
        own[np.arange(len(first)), dummies[first]] = 1.0
        share = np.zeros((len(self.cells.count), own.shape[1]))
        np.add.at(share, (cells[first], dummies[first]), pairs.count)
        share /= self.cells.count[:, None]
        return pairs, orthonormal(own - share[cells[first]], pairs.count)

    def _by_groups(self, values: Array) -> Array:
        fitted = self.cells.of(values)
        if self.pairs is not None:
            fitted = fitted + (self.by_pair @ (self.by_pair.T @ self.pairs.sums(values)))[self.pairs.codes]
        return fitted

    def fitted(self, values: Array) -> Array:
        return self._by_groups(values) + self.by_row @ (self.by_row.T @ values)

    def residual(self, values: Array) -> Array:
        return values - self.fitted(values)

    @cached_property
    def leverage(self) -> Array:
        """The diagonal of the projection, (n,)."""
        own = 1 / self.cells.count[self.cells.codes]
        if self.pairs is not None:
            own = own + (self.by_pair**2).sum(axis=1)[self.pairs.codes]
        return own + (self.by_row**2).sum(axis=1)

    def between(self, one: Codes, other: Codes) -> Array:
        """Entries of the projection at pairs of rows, given as arrays of like shape."""
        cells = self.cells.codes
        found = (cells[one] == cells[other]) / self.cells.count[cells[one]]
        if self.pairs is not None:
            pairs = self.pairs.codes
            found = found + np.einsum("...k,...k", self.by_pair[pairs[one]], self.by_pair[pairs[other]])
        return found + np.einsum("...k,...k", self.by_row[one], self.by_row[other])

    @property
    def rank(self) -> int:
        return len(self.cells.count) + self.by_pair.shape[1] + self.by_row.shape[1]
