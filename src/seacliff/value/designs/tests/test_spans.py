"""Projections against dense linear algebra."""

import numpy as np
import pytest

from seacliff.value.designs.spans import Means, Span, codes_of, matrix, orthonormal


def dense(*parts):
    columns = np.hstack(parts)
    u, s, _ = np.linalg.svd(columns, full_matrices=False)
    u = u[:, s > 1e-9 * s[0]]
    return u @ u.T


def dummies(codes):
    return np.eye(codes.max() + 1)[codes]


@pytest.fixture
def made():
    draw = np.random.default_rng(5)
    cells, reviewers = codes_of(draw.integers(0, 7, 90)), codes_of(draw.integers(0, 9, 90))
    covariates = draw.normal(size=(90, 3))
    covariates[:, 2] = 2 * covariates[:, 0] - (cells == 3)  # in the space already
    return cells, reviewers, covariates, draw.normal(size=90)


@pytest.mark.parametrize("with_reviewers", [False, True])
@pytest.mark.parametrize("with_covariates", [False, True])
def test_a_span_projects_as_the_dense_matrix_does(made, with_reviewers, with_covariates):
    cells, reviewers, covariates, y = made
    parts = [dummies(cells)]
    parts += [dummies(reviewers)] if with_reviewers else []
    parts += [covariates] if with_covariates else []
    span = Span(cells, reviewers if with_reviewers else None, covariates if with_covariates else None)
    projection = dense(*parts)
    assert span.fitted(y) == pytest.approx(projection @ y, abs=1e-11)
    assert span.residual(y) == pytest.approx(y - projection @ y, abs=1e-11)
    assert span.leverage == pytest.approx(np.diag(projection), abs=1e-11)
    assert span.rank == round(np.trace(projection))


def test_many_columns_are_projected_at_once(made):
    cells, reviewers, covariates, _ = made
    span = Span(cells, reviewers)
    each = np.stack([span.fitted(column) for column in covariates.T], axis=1)
    assert span.fitted(covariates) == pytest.approx(each, abs=1e-12)


def test_a_reviewer_who_has_a_cell_alone_adds_nothing():
    cells, reviewers = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 2])
    assert Span(cells, reviewers).rank == 4


def test_covariates_on_any_scale_and_constants(made):
    cells, _, covariates, y = made
    wild = np.column_stack([covariates[:, 0] * 1e9, covariates[:, 1] * 1e-9, np.full(90, 3.0), np.zeros(90)])
    assert Span(cells, covariates=wild).fitted(y) == pytest.approx(
        dense(dummies(cells), covariates[:, :2]) @ y, abs=1e-9
    )


def test_codes_are_those_of_distinct_combinations():
    assert codes_of(["b", "a", "b"]).tolist() == [1, 0, 1]
    assert codes_of([1, 1, 2, 2], ["x", "y", "x", "x"]).tolist() == [0, 1, 2, 2]


def test_means_and_bases():
    means = Means(np.array([0, 1, 0]))
    assert means.of(np.array([1.0, 5.0, 3.0])).tolist() == [2, 5, 2]
    assert means.of(np.array([[1.0, 0], [5, 1], [3, 4]])).tolist() == [[2, 2], [5, 1], [2, 2]]
    weights = np.array([1.0, 2.0, 3.0])
    basis = orthonormal(np.array([[1.0, 2], [0, 0], [1, 3]]), weights)
    assert basis.T @ (basis * weights[:, None]) == pytest.approx(np.eye(2), abs=1e-12)
    assert matrix(None, 4).shape == (4, 0) and matrix([1, 2], 2).shape == (2, 1)
