from dataclasses import dataclass, replace

import pandas as pd
import pytest

from journey.charts.drivers import drivers_chart, feature_name
from journey.i18n import LANGUAGES, catalogue
from journey.theme import MUTED, STAGE_COLOURS

COLUMNS = [
    *("kind", "name", "value", "above", "n_with", "k_with", "n_without", "k_without"),
    *("share_with", "share_without", "odds_ratio", "odds_low", "odds_high", "q", "clear"),
    *("adjusted_odds", "adjusted_odds_low", "adjusted_odds_high"),
]
NAN = float("nan")


@dataclass(frozen=True)
class FakeDrivers:
    table: pd.DataFrame
    unit: str = "customer"


def feature(kind="last", name="앱버전", value="4.2.0", above=NAN, odds=(0.2, 0.1, 0.4), clear=True):
    figures = (77, 41, 742, 645, 41 / 77, 645 / 742, *odds, 0.0001, clear, *odds)
    return dict(zip(COLUMNS, (kind, name, value, above, *figures), strict=True))


ANSWER = FakeDrivers(
    pd.DataFrame(
        [
            feature(),
            feature("first", "채널", "카카오톡", odds=(2.4, 1.8, 3.2)),
            feature("event", "아주 긴 이름의 이벤트 " * 4, "", odds=(1.1, 0.02, 900), clear=False),
            feature("visits", "", "", 3, odds=(1.0, 0.9, 1.1), clear=False),
        ]
    )
)


def rows(chart, name):
    return chart.to_dict()["datasets"][name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_point_a_feature_coloured_only_where_it_is_clear(language):
    chart = drivers_chart(ANSWER, language=language)
    points = rows(chart, "points")
    assert [row["colour"] for row in points] == [STAGE_COLOURS[1], STAGE_COLOURS[0], MUTED, MUTED]
    texts = [row["text"] for row in rows(chart, "words")]
    assert any("53.2%" in one and "77" in one and "86.9%" in one and "742" in one for one in texts)
    assert any("4.2.0" in one for one in texts)


@pytest.mark.parametrize("width", [340, 1100])
def test_marks_and_words_stay_on_the_sheet(width):
    chart = drivers_chart(ANSWER, language="en", width=width)

    def place(row, name):
        return row[f"{name}_f"] * width + row[f"{name}_p"]

    for name in ("points", "spans", "grid"):
        for row in rows(chart, name):
            assert -1 <= place(row, "x") <= place(row, "x2") <= width + 1
    ratios = [place(row, "x") for row in rows(chart, "points")]
    assert ratios[0] < ratios[3] < ratios[2] < ratios[1]
    assert ratios[3] + 5.5 == pytest.approx(width / 2, abs=0.1)


def test_every_kind_of_feature_has_a_name_in_both_languages():
    for language in LANGUAGES:
        for kind in ("attribute", "first", "last", "event", "stage", "visits", "days"):
            assert "{" not in feature_name(kind, "a", "b", 3.0, language)
        assert catalogue(language)["charts.kind_missing"] in feature_name("last", "a", "", NAN, language)


def test_nothing_to_compare_is_a_sentence():
    none = replace(ANSWER, table=ANSWER.table.iloc[:0])
    chart = drivers_chart(none, language="ko")
    assert [row["text"] for row in rows(chart, "words")] == [catalogue("ko")["drivers.chart_empty"]]
