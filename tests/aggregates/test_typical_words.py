"""Which words do some customers use that the others do not?"""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa

from journey.aggregates.typical_words import wording
from journey.events.other_tables import OtherTables
from tests.analysis.logs import event_log
from tests.analysis.oracle import Row


def _log(customers):
    return event_log([Row(who, "보기", 0) for who in customers])


def _said(*pairs):
    who, words = zip(*pairs, strict=True)
    table = {"customer": pa.array(who, pa.large_string()), "comment": pa.array(words, pa.large_string())}
    return OtherTables(comments=(pa.table(table),))


def test_what_one_group_says_more_often_comes_first_with_its_counts():
    late = [(f"a{n}", "배송이 너무 늦어요") for n in range(6)]
    fine = [(f"b{n}", "배송은 빨라요 좋아요") for n in range(6)]
    found = wording(_log([who for who, _ in late + fine]), _said(*late, *fine))
    mine = np.array([True] * 6 + [False] * 6)
    table = found.typical(mine)
    # Everybody speaks of the delivery, so that is typical of nobody; "너무" is a word of everybody.
    assert table.to_dict("records") == [
        {"word": "늦어요", "customers": 6, "of": 6, "others": 0, "of_others": 6}
    ]
    assert found.typical(~mine)["word"].tolist() == ["빨라요", "좋아요"]


def test_the_order_is_that_of_the_log_odds():
    mine = [(f"a{n}", "alpha beta" if n < 6 else "alpha") for n in range(9)]
    said = [*mine, *((f"b{n}", "gamma") for n in range(9))]
    found = wording(_log(sorted(who for who, _ in said)), _said(*said))
    mine = np.array([True] * 9 + [False] * 9)

    def z(k, other):
        cells = [k + 0.5, 9 - k + 0.5, other + 0.5, 9 - other + 0.5]
        return (math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])) / math.sqrt(
            sum(1 / c for c in cells)
        )

    assert found.typical(mine)["word"].tolist() == [
        word for word, k in (("alpha", 9), ("beta", 6)) if z(k, 0) >= 2
    ]
    assert z(9, 0) > z(6, 0) >= 2


def test_words_of_one_or_two_customers_and_personal_data_are_not_told():
    said = [("a0", "비밀 전화 010-1234-5678 hong@example.com"), ("a1", "비밀 배송배송"), ("b0", "좋아요")]
    found = wording(_log(["a0", "a1", "b0"]), _said(*said))
    assert found.typical(np.array([True, True, False])).empty
    assert not {word for word in found.words if any(char.isdigit() for char in word) or "example" in word}


def test_a_customer_counts_once_and_who_is_not_in_the_log_not_at_all():
    said = [("a", "느려요 느려요"), ("a", "느려요"), ("other", "느려요"), ("b", None)]
    found = wording(_log(["a", "b"]), _said(*said))
    assert found.words == ("느려요",)
    assert (found.customer.tolist(), found.writers.tolist()) == ([0], [0])
