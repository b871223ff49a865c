"""How sure a map is, is told by what is known."""

from __future__ import annotations

import math

import pytest

from journey.figures import Figure
from journey.stages.board import Card
from journey.stages.evidence import LEAST_MEASURED, of_card, of_cell, of_figure

_MANY = Figure("x", 0.5, "share", LEAST_MEASURED)
_FEW = Figure("x", 0.5, "share", LEAST_MEASURED - 1)
_UNKNOWN = Figure("x", math.nan, "share", 0)


def _card(**fields):
    return Card(id="a", lane="l", stage="s1", key="i", **fields)


@pytest.mark.parametrize(
    ("fields", "figure", "told"),
    [
        ({}, None, "assumed"),
        ({"link": {"kind": "event", "event": "e"}}, _MANY, "measured"),
        ({"link": {"kind": "stage", "stage": "s1"}}, _FEW, "partly"),
        ({"link": {"kind": "event", "event": "e"}}, None, "assumed"),
        ({"link": {"kind": "event", "event": "e"}}, _UNKNOWN, "assumed"),
        ({"link": {"kind": "answer", "cell": "c"}}, _MANY, "partly"),
        ({"link": {"kind": "answer", "cell": "c"}}, None, "assumed"),
        ({"source": {"kind": "interview", "name": "a.txt"}}, None, "partly"),
        ({"source": {"kind": "test", "name": "a.txt"}}, None, "partly"),
        ({"source": {"kind": "import", "name": "a.csv"}}, None, "assumed"),
        ({"source": {"kind": "import", "quote": "느려요"}}, None, "partly"),
        ({"source": {"kind": "interview"}, "link": {"kind": "event", "event": "e"}}, _MANY, "measured"),
        ({"source": {"kind": "interview"}, "link": {"kind": "event", "event": "e"}}, _UNKNOWN, "partly"),
    ],
)
def test_a_card_is_as_sure_as_what_it_is_bound_to_or_came_from(fields, figure, told):
    assert of_card(_card(**fields), figure) == told


def test_a_cell_is_what_all_its_cards_are_or_partly():
    assert of_cell([]) == ""
    for one in ("measured", "partly", "assumed"):
        assert of_cell([one, one]) == one
    assert of_cell(["measured", "assumed"]) == "partly"


def test_a_figure_is_measured_from_so_many_on():
    assert [of_figure(one) for one in (_MANY, _FEW, _UNKNOWN, None)] == ["measured", "partly", "", ""]
