import datetime as dt
import json

import numpy as np
import pandas as pd

from journey.reports.plain import aligned, plain


def test_values_become_what_json_knows():
    value = {
        "nan": float("nan"),
        "infinite": np.inf,
        "missing": pd.NaT,
        "count": np.int64(3),
        "share": np.float64(1 / 3),
        "flag": np.bool_(True),
        "list": (np.int32(1), [None]),
        "set": {"b", "a"},
        "day": dt.date(2024, 2, 29),
        "moment": pd.Timestamp("2024-02-29 10:00", tz="Asia/Seoul"),
        1: np.array([0.5]),
    }
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "nan": None,
        "infinite": None,
        "missing": None,
        "count": 3,
        "share": 1 / 3,
        "flag": True,
        "list": [1, [None]],
        "set": ["a", "b"],
        "day": "2024-02-29",
        "moment": "2024-02-29T10:00:00+09:00",
        "1": [0.5],
    }


def test_columns_are_as_wide_as_their_widest_cell_and_numbers_stand_right():
    table = pd.DataFrame({"stage": ["인지", "b"], "customers": [1200, 3], "share": [0.5, float("nan")]})
    assert aligned(table, "en") == [
        "Stage  Customers  Share",
        "-----  ---------  -----",
        "인지       1,200  50.0%",
        "b              3      –",
    ]


def test_a_stage_called_exit_is_not_the_exit():
    table = pd.DataFrame({"source": ["exit", "A"], "target": ["B", "exit"], "kind": ["stage", "exit"]})
    lines = aligned(table, "ko")
    assert lines[2].startswith("exit")
    assert "exit" not in lines[3] and lines[3].count("이탈") == 2


def test_line_breaks_in_a_name_do_not_break_the_table():
    assert len(aligned(pd.DataFrame({"event": ["a\nb\tc"]}), "en")) == 3


def test_counts_shares_ratios_and_chances_are_told_as_such():
    table = pd.DataFrame(
        {
            "returned": [948.0, float("nan")],
            "share_silent": [0.25, 0.5],
            "odds_low": [3.4, 0.5],
            "q": [1e-9, 0.034],
        }
    )
    lines = aligned(table, "en")
    assert lines[2].split() == ["948", "25.0%", "3.40", "<0.001"]
    assert lines[3].split() == ["–", "50.0%", "0.50", "0.034"]


def test_figures_of_metrics_are_in_the_unit_of_their_metric():
    table = pd.DataFrame(
        [
            {
                "metric": "a",
                "kind": "conversion",
                "value": 0.05,
                "difference": 0.012,
                "lift": 0.25,
                "p": 0.04,
            },
            {"metric": "b", "kind": "revenue", "value": 31.25, "difference": -3.5, "lift": -0.1, "p": 0.2},
        ]
    )
    head, _, *lines = aligned(table, "en")
    assert "A−B" not in head
    share, money = (line.split() for line in lines)
    assert share[2:] == ["5.0%", "1.2%", "+25.0%", "0.04"]
    assert money[2:] == ["31.25", "-3.50", "−10.0%", "0.2"]
