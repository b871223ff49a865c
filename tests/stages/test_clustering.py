"""Saved clusterings are read as they were kept, whatever else stands in a project's settings."""

from journey.stages.clustering import Group, clusterings, users_of_model
from journey.stages.segment import Segment

ID = "0123456789ab"
MODEL = {"scales": [], "centres": [[0.0], [1.0], [2.0]], "sizes": [3, 2, 1]}


def test_a_clustering_is_read_with_names_and_colours_by_cluster():
    kept = {
        "name": "봄",
        "model": MODEL,
        "groups": [
            {"name": "큰손", "clusters": [0, 2], "colour": "#4477AA", "segment": "a"},
            {"name": "새로운 분", "clusters": [1], "colour": "red"},
            "?",
        ],
        "features": ["rfm.recency"],
        "method": "ward",
        "saved": "2024-05-01",
    }
    (one,) = clusterings({f"clustering.{ID}": kept, "clustering.x": kept, "clustering.aaaaaaaaaaaa": 3})
    assert (one.id, one.k, one.method, one.features) == (ID, 3, "ward", ("rfm.recency",))
    assert one.groups[0] == Group("큰손", (0, 2), "#4477AA", "a")
    assert one.names == {0: "큰손", 2: "큰손", 1: "새로운 분"}
    assert one.colours == {0: "#4477AA", 2: "#4477AA"}


def test_what_a_hand_wrote_wrong_is_left_out():
    (one,) = clusterings(
        {
            f"clustering.{ID}": {
                "name": 3,
                "model": MODEL,
                "groups": {"a": 1},
                "features": "rfm",
                "method": None,
            }
        }
    )
    assert (one.name, one.groups, one.features, one.method) == (ID, (), (), "kmeans")


def test_the_segments_that_use_a_model_are_found_wherever_it_stands_in_their_rule():
    cluster = {"cluster": {"model": ID, "groups": [0]}}
    other = {"cluster": {"model": "b" * 12, "groups": [0]}}
    did = {"did": {"event": "x"}}
    rules = [
        cluster,
        {"all": [did, {"not": cluster}]},
        other,
        did,
        {"cluster": {"model": MODEL, "groups": [0]}},
    ]
    known = tuple(Segment(str(place), "", rule) for place, rule in enumerate(rules))
    assert [one.id for one in users_of_model(ID, known)] == ["0", "1"]
