"""Clusters against scikit-learn, scipy, plain loops and data whose number of groups is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from journey.statistics.clustering import adjusted_rand, assigned, jaccards, kmeans, silhouettes
from journey.statistics.clustering_choice import gap, proposed, stability, verdict
from journey.statistics.clustering_solution import solution
from journey.statistics.clustering_ward import cut, small_clusters, ward
from journey.statistics.gower import gower
from journey.statistics.tree_rules import tree_rules
from tests.endurance import examples

IRIS, SPECIES = load_iris(return_X_y=True)


def scaled(points):
    return (points - points.mean(axis=0)) / points.std(axis=0)


def blobs(seed=0, each=100):
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.normal(at, 1, (each, 2)) for at in ((0, 0), (6, 0), (0, 6))])


# ---- known answers -----------------------------------------------------------------------------------------


def test_o49_silhouettes_of_four_points():
    found = silhouettes(np.array([[0.0], [1], [4], [5]]), [np.array([0, 0, 1, 1])])[0]
    assert found == pytest.approx([0.77777778, 0.71428571, 0.71428571, 0.77777778], abs=1e-8)


def test_o50_adjusted_rand():
    assert adjusted_rand(np.array([0, 0, 1, 2]), np.array([0, 0, 1, 1])) == pytest.approx(
        0.57142857, abs=1e-8
    )
    assert adjusted_rand(np.array([0, 0, 1, 2]), np.array([2, 2, 0, 1])) == 1
    one, other = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(one, other) == pytest.approx(0.24242424, abs=1e-8)


@pytest.mark.parametrize(
    ("points", "inertias", "means"),
    [
        pytest.param(IRIS, (152.347952, 78.851441, 57.228473), (0.681046, 0.552819, 0.498051), id="o51_raw"),
        pytest.param(scaled(IRIS), (222.361705, 139.820496), (0.581750, 0.459948), id="o52_standardised"),
    ],
)
def test_o51_o52_iris_by_kmeans(points, inertias, means):
    found = [kmeans(points, k) for k in range(2, 2 + len(inertias))]
    assert [one.inertia for one in found] == pytest.approx(inertias, rel=1e-3)
    seen = silhouettes(points, [one.labels for one in found])
    assert [one.mean() for one in seen] == pytest.approx(means, abs=2e-3)


def test_o51_iris_in_three_clusters_and_its_species():
    assert adjusted_rand(kmeans(IRIS, 3).labels, SPECIES) == pytest.approx(0.730238, abs=1e-6)


def test_o53_iris_by_ward():
    tree = ward(IRIS)
    assert tree[-4:, 2] == pytest.approx([4.847709, 6.399407, 12.300396, 32.447607], abs=1e-5)
    labels = cut(tree, 3)
    assert sorted(np.bincount(labels)) == [36, 50, 64]
    assert adjusted_rand(labels, SPECIES) == pytest.approx(0.731199, abs=1e-6)
    by_page = solution(IRIS, method="ward", ks=(2, 3), references=2, bootstraps=2).solved[3]
    assert by_page.sizes.tolist() == [64, 50, 36]


def test_o54_gower_distances():
    numbers = np.array([[20.0, 100], [30, 200], [40, 400]])
    found = gower(numbers, np.array([[0], [1], [0]]))
    assert (found[0, 1], found[0, 2], found[1, 2]) == pytest.approx((0.611111, 0.666667, 0.722222), abs=1e-6)


def test_o56_gap_of_blobs_and_of_uniform_noise():
    noise = np.random.default_rng(0).uniform(size=(300, 2))
    assert gap(blobs(), random_state=1).picked == 3
    assert gap(noise, random_state=1).picked == 1


# ---- against others ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 4, 7])
def test_kmeans_is_as_tight_as_scikit_learns(k):
    points = np.random.default_rng(3).normal(size=(400, 3))
    theirs = KMeans(k, n_init=3, random_state=0).fit(points).inertia_
    ours = kmeans(points, k)
    assert ours.inertia <= theirs * 1.01
    away = ((points[:, None, :] - ours.centres) ** 2).sum(axis=2)
    assert ours.inertia == pytest.approx(away.min(axis=1).sum(), rel=1e-4)
    assert (np.diff(ours.sizes) <= 0).all()


@settings(max_examples=examples(20))
@given(
    labels=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=4, max_size=40),
    seed=st.integers(0, 99),
)
def test_indices_are_those_of_scikit_learn_and_of_plain_sets(labels, seed):
    one, other = (np.unique(np.array(part), return_inverse=True)[1] for part in zip(*labels, strict=True))
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other), abs=1e-9)
    sets = [[set(np.flatnonzero(part == at)) for at in range(part.max() + 1)] for part in (one, other)]
    plain = [max(len(a & b) / len(a | b) for b in sets[1]) for a in sets[0]]
    assert jaccards(one, other) == pytest.approx(plain)
    points = np.random.default_rng(seed).normal(size=(len(one), 2))
    if 2 <= one.max() + 1 < len(one):
        assert silhouettes(points, [one])[0] == pytest.approx(silhouette_samples(points, one), abs=1e-9)


def test_a_tree_of_weighted_points_is_that_of_the_points_they_stand_for():
    draw = np.random.default_rng(5)
    points = draw.normal(size=(60, 3))
    assert ward(points, np.ones(60))[:, 2:] == pytest.approx(linkage(points, "ward")[:, 2:])
    # Two equal points join at no height, and are then one of weight two.
    twice = linkage(np.repeat(points, 2, axis=0), "ward")[60:, 2:]
    assert ward(points, np.full(60, 2.0))[:, 2:] == pytest.approx(twice)
    tree = linkage(points, "ward")
    for k in (1, 2, 5, 60):
        assert adjusted_rand(cut(tree, k), fcluster(tree, k, "maxclust") - 1) == 1


def test_small_clusters_hold_every_point_and_its_mean():
    points = np.random.default_rng(1).normal(size=(3_000, 2))
    means, sizes, own = small_clusters(points, most=50)
    assert sizes.sum() == 3_000 and own.max() + 1 == len(means)
    assert means[0] == pytest.approx(points[own == 0].mean(axis=0))


# ---- what may be said --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", ["uniform", "normal", "together"])
def test_one_crowd_has_no_structure_however_stable_its_pieces_are(kind, seed):
    draw = np.random.default_rng(seed)
    points = {
        "uniform": lambda: draw.uniform(size=(200, 2)),
        "normal": lambda: draw.normal(size=(200, 3)),
        "together": lambda: draw.normal(size=(200, 1)) + 0.4 * draw.normal(size=(200, 3)),
    }[kind]()
    found = solution(scaled(points), references=20, bootstraps=2, ks=(2, 3, 4))
    assert found.picked == 1
    assert set(found.verdicts.values()) == {"none"}


def test_three_blobs_are_three_clear_clusters():
    points = scaled(blobs())
    found = solution(points, references=10, bootstraps=10, ks=(2, 3, 4, 5))
    assert (found.picked, found.proposed, found.verdicts[3]) == (3, 3, "clear")
    assert found.stable[3].rand > 0.95
    assert found.choice["inertia"].is_monotonic_decreasing
    assert found.verdicts[5] == "weak"


@pytest.mark.parametrize("method", ["kmeans", "ward"])
def test_many_points_are_judged_by_a_sample_and_all_grouped(method):
    points = scaled(blobs(each=400))
    order = np.random.default_rng(0).permutation(1_200)
    found = solution(points[order], most=120, references=4, bootstraps=4, ks=(2, 3), method=method)
    assert len(found.sample) == len(found.silhouettes[3]) == 120
    assert adjusted_rand(found.solved[3].labels, (np.arange(1_200) // 400)[order]) > 0.98


def test_the_thresholds_of_the_verdict():
    assert verdict(1, 1.0, np.ones(3)) == "none"
    assert verdict(2, 0.8, np.array([0.75, 1])) == "clear"
    assert verdict(2, 0.79, np.ones(2)) == verdict(2, 1.0, np.array([1, 0.74])) == "weak"


def test_of_silhouettes_as_good_the_most_stable_is_proposed():
    assert proposed({2: 0.52, 3: 0.5, 4: 0.4}, {2: 0.8, 3: 0.95, 4: 1}) == 3
    assert proposed({2: 0.54, 3: 0.5}, {2: 0.8, 3: 0.95}) == 2


@pytest.mark.parametrize("k", [2, 8])
def test_points_that_are_all_the_same_are_one_cluster(k):
    found = kmeans(np.ones((60, 2)), k)
    assert found.labels.tolist() == [0] * 60 and found.inertia == 0
    two = kmeans(np.repeat([[0.0, 1], [5, 5]], [20, 40], axis=0), k)
    assert two.sizes.tolist() == [40, 20] and two.inertia == 0


def test_stability_counts_the_pieces_of_a_ring_as_chance():
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 300)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    found = stability(ring, {5: kmeans(ring, 5).labels}, bootstraps=8)[5]
    assert found.rand < 0.8 and len(found.jaccard) == 5


def test_the_nearest_centre_is_the_nearest():
    draw = np.random.default_rng(2)
    points, centres = draw.normal(size=(500, 4)), draw.normal(size=(6, 4))
    away = ((points[:, None, :] - centres) ** 2).sum(axis=2)
    labels, squared = assigned(points, centres)
    assert labels.tolist() == away.argmin(axis=1).tolist()
    assert squared == pytest.approx(away.min(axis=1), rel=1e-3, abs=1e-5)


def test_a_rule_has_short_cuts_and_counts_all_points():
    draw = np.random.default_rng(0)
    values = np.concatenate(
        [draw.normal((20_000, 3), (3_000, 1), (300, 2)), draw.normal((90_000, 3), (9_000, 1), (100, 2))]
    )
    labels = np.repeat([0, 1], [300, 100])
    found = tree_rules(values, labels, 2)
    assert found.accuracy == 1
    low, high = found.leaves[1].bounds[0]
    assert low in (30_000, 40_000, 50_000) and high == float("inf")
    assert (found.leaves[1].n, found.leaves[1].precision, found.leaves[1].coverage) == (100, 1, 1)
