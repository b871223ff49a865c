"""Which cards a test tries, whatever else stands in the settings."""

from journey.projects.map_tests import Origin, origins

A, T = "a" * 12, "b" * 12


def test_a_test_knows_its_cards_and_broken_facts_know_none():
    head = {f"map.{A}": {"name": "Map"}}
    cards = {
        f"map.{A}.card.c2": {"text": "Two", "test": T},
        f"map.{A}.card.c1": {"test": T},
        f"map.{A}.card.c3": {"text": "Three"},
        f"map.{A}.card.c4": {"test": 4},
        f"map.{A}.card.c5": None,
        f"map.{A}.lane.l1": {"test": T},
        f"map.{'c' * 12}.card.c6": {"test": T},
        "map.seen": {"test": T},
    }
    assert origins({**head, **cards}) == {T: (Origin(A, "Map", "c1", ""), Origin(A, "Map", "c2", "Two"))}
    assert origins(cards) == {}
