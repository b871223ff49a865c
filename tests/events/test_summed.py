"""Results of experiments that were summed before, in every layout that people keep them in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import NoUsableRows
from journey.events.arms import arms_of, shape_of
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.kinds import TableChoice
from journey.events.summed import SUMS
from journey.events.summed_names import summed_role
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from tests.endurance import examples


def file_of(*lines):
    return read_table("\n".join(lines).encode(), "a.csv", header=1)


def made_of(*lines, choice=None):
    raw = file_of(*lines)
    found = guess_table(raw)
    assert choice is not None or (found.kind, found.choice().is_summed) == ("experiment", True)
    made = cleaned(raw, choice or found.choice())
    for note in (*made.notes, found.reason):
        assert all(text(note.code, language, **note.values) for language in LANGUAGES)
    return made


def sums(made, *columns):
    table = made.tables["sums"]
    assert table.schema.names[: len(SUMS)] == SUMS.names
    assert table.schema.types[: len(SUMS)] == SUMS.types
    wanted = columns or ("arm", "metric", "n", "x", "xx")
    return [tuple(row[name] for name in wanted) for row in table.to_pylist()]


def notes(made):
    return {note.code: dict(note.values) for note in made.notes}


CONVERSIONS = [("A", "x", 100.0, 10.0, 10.0), ("B", "x", 110.0, 20.0, 20.0)]


@pytest.mark.parametrize(
    "lines",
    [
        ("variant,users,conversions", "A,100,10", "B,110,20"),
        ("그룹,방문자수,구매자수,구매율", "A,100,10,10%", "B,110,20,18.2%"),
        ("실험명,안,노출수,클릭수,CTR", "배너,A,100,10,10%", "배너,B,110,20,18.2%"),
        ("arm,n,conversion rate", "A,100,10%", "B,110,0.18181818181818182"),
        ("실험군,표본수,전환율(%)", "A,100,10", "B,110,18.181818181818182"),
        ("visitors_a,visitors_b,signups_a,signups_b", "100,110,10,20"),
        ("A 방문자 수,B 방문자 수,A 전환,B 전환", "100,110,10,20"),
        ("variant,metric,n,conversions", "A,x,100,10", "B,x,110,20"),
        ("variant,users,conversions", 'A,"100",10 ', "B,110명,20"),
    ],
)
def test_numbers_of_units_and_of_conversions_in_any_layout(lines):
    found = sums(made_of(*lines))
    assert [(arm, n) for arm, _, n, _, _ in found] == [("A", 100), ("B", 110)]
    assert [x for *_, x, _ in found] == pytest.approx([10, 20])
    assert all(x == xx for *_, x, xx in found)


def test_several_metrics_in_columns():
    made = made_of(
        "variant,device,users,orders,revenue_mean,revenue_sd",
        "A,app,100,20,5.5,2",
        "B,app,100,30,6,2.5",
        "A,web,50,2,4,1",
    )
    assert sums(made, "arm", "device", "metric", "n", "x") == [
        ("A", "app", "orders", 100, 20),
        ("A", "app", "revenue", 100, 550),
        ("B", "app", "orders", 100, 30),
        ("B", "app", "revenue", 100, 600),
        ("A", "web", "orders", 50, 2),
        ("A", "web", "revenue", 50, 200),
    ]


def test_the_words_of_korean_names_are_taken_apart():
    made = made_of(
        "날짜,대조군방문자수,실험군방문자수,대조군구매자수,실험군구매자수", "2024-03-01,100,90,10,9"
    )
    assert sums(made, "arm", "metric", "n", "x") == [
        ("대조군", "구매자수", 100, 10),
        ("실험군", "구매자수", 90, 9),
    ]
    assert str(made.tables["sums"]["time"][0].as_py().date()) == "2024-02-29"


@given(
    st.lists(st.lists(st.integers(-5, 40), min_size=2, max_size=8), min_size=2, max_size=3),
    st.booleans(),
)
@settings(max_examples=examples(25))
def test_a_mean_and_a_spread_are_the_sums_of_the_units(arms, is_variance):
    """However the spread was told, the sums are those of the units themselves."""
    ddof1 = [np.var(values, ddof=1) for values in arms]
    told = ddof1 if is_variance else np.sqrt(ddof1)
    lines = [
        f"{'ABC'[at]},{len(values)},{np.mean(values):.12f},{spread:.12f}"
        for at, (values, spread) in enumerate(zip(arms, told, strict=True))
    ]
    made = made_of(f"arm,n,mean,{'variance' if is_variance else 'sd'}", *lines, choice=CHOICE[is_variance])
    found = made.tables["sums"].to_pydict()
    assert found["n"] == [len(values) for values in arms]
    assert found["x"] == pytest.approx([sum(values) for values in arms], abs=1e-6)
    assert found["xx"] == pytest.approx([sum(one * one for one in values) for values in arms], abs=1e-6)


CHOICE = {
    flag: TableChoice(
        "experiment",
        {"arm": ("arm",), "units": ("n",), "mean": ("mean",), spread: (spread if flag else "sd",)},
    )
    for flag, spread in ((True, "variance"), (False, "deviation"))
}


def test_a_variance_of_a_share_makes_it_one():
    made = made_of("arm,n,mean,variance", "A,1000,0.1,0.09", "B,1000,0.2,0.16016")
    assert [x == xx for *_, x, xx in sums(made)] == [True, True]
    made = made_of("arm,n,mean,variance", "A,1000,0.1,0.09", "B,1000,0.2,0.3")
    assert [x == xx for *_, x, xx in sums(made)] == [False, False]


def test_variants_with_a_control_beside_each_of_them():
    made = made_of(
        "experiment_id,variant_id,time_since_start,count_c,count_t,mean_c,mean_t,variance_c,variance_t",
        "e,1,1,10,11,2,3,4,5",
        "e,2,1,10,12,2,4,4,6",
    )
    assert sums(made, "experiment", "arm", "day", "n", "x") == [
        ("e", "control", 1, 10, 20),
        ("e", "1", 1, 11, 33),
        ("e", "2", 1, 12, 48),
    ]


# ---- over time --------------------------------------------------------------------------------------------


def daily(numbers, header="date,variant,users,conversions"):
    rows = [
        f"2024-03-{day + 1:02},{arm},{n},{n // 10}" for day, n in enumerate(numbers) for arm in ("A", "B")
    ]
    return made_of(header, *rows)


def test_what_only_grows_is_cumulative_and_what_does_not_is_a_day():
    grown = daily([100, 210, 300, 420, 500])
    assert sums(grown, "cumulative") == [(True,)] * 10
    assert "tables.sums_cumulative" in notes(grown)
    assert not any(flag for (flag,) in sums(daily([100, 90, 120, 80, 110]), "cumulative"))


def test_two_days_are_cumulative_where_a_name_says_so():
    assert not any(flag for (flag,) in sums(daily([100, 210]), "cumulative"))
    named = daily([100, 210], header="date,variant,cumulative users,conversions")
    assert all(flag for (flag,) in sums(named, "cumulative"))


@pytest.mark.parametrize("said", [True, False])
def test_its_owner_knows_better(said):
    lines = ["day,variant,users,conversions", *(f"{day},A,{day * 100},{day}" for day in range(1, 6))]
    choice = replace(guess_table(file_of(*lines)).choice(), cumulative=said)
    assert TableChoice.from_json(choice.to_json()) == choice
    made = made_of(*lines, choice=choice)
    assert sums(made, "cumulative", "day") == [(said, day) for day in range(1, 6)]


# ---- what cannot be right ---------------------------------------------------------------------------------


def test_more_conversions_than_units_are_no_share():
    made = made_of("variant,users,clicks", "A,100,150", "B,100,90")
    assert notes(made)["tables.sums_more"] == {"column": "clicks", "n": 1}
    assert [xx for *_, xx in sums(made)] == [None, None]
    assert notes(made)["tables.sums_no_spread"] == {"metrics": ["clicks"], "n": 1}


def test_rows_without_units_or_arm_say_nothing_and_an_empty_arm_stays():
    made = made_of("variant,users,conversions", "A,100,10", "B,0,0", ",5,1", "C,,3", "D,-4,1", "E,many,1")
    assert sums(made) == [("A", "conversions", 100, 10, 10), ("B", "conversions", 0, 0, 0)]
    assert (made.rows, made.used) == (6, 2)
    assert notes(made)["tables.numbers_unreadable"] == {"column": "users", "n": 1}
    assert notes(made)["tables.dropped_no_value"] == {"rows": 4}
    with pytest.raises(NoUsableRows):
        made_of("variant,users,conversions", "A,-1,1", "B,-2,1")


def test_columns_that_belong_to_no_arm_are_named():
    choice = TableChoice("experiment", {"units": ("n_a", "n_b"), "converted": ("x_a", "x_b", "x_old")})
    made = made_of("n_a,n_b,x_a,x_b,x_old", "10,11,1,2,3", choice=choice)
    assert [(arm, x) for arm, _, _, x, _ in sums(made)] == [("A", 1), ("B", 2)]
    assert notes(made)["tables.sums_apart"] == {"columns": ["x_old"], "n": 1}


def test_a_mean_without_a_spread_has_no_squares():
    made = made_of("variant,users,avg_revenue", "A,100,5", "B,100,6")
    assert sums(made) == [("A", "revenue", 100, 500, None), ("B", "revenue", 100, 600, None)]
    assert "tables.sums_no_spread" in notes(made)


def test_results_of_single_units_are_not_summed():
    rows = [f"u{i},{'AB'[i % 2]},{i % 7},{i % 2}" for i in range(60)]
    found = guess_table(file_of("user_id,variant,visits,conversions", *rows))
    assert (found.kind, found.choice().is_summed) == ("experiment", False)
    journeys = guess_table(file_of("지역,방문자수,구매자수", *(f"구{i},{i * 9 + 5},{i}" for i in range(60))))
    assert journeys.kind is None


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("count_c", "units"),
        ("대조군 방문자 수", "units"),
        ("nControl", "units"),
        ("구매전환율", "mean"),
        ("revenue per user", "mean"),
        ("stdDev_B", "deviation"),
        ("conversion_count", "converted"),
        ("discount", None),
        ("name", None),
    ],
)
def test_what_a_number_of_a_summed_table_is_called(name, role):
    assert summed_role(name) == role


def test_the_wizard_can_say_what_a_row_is_and_which_arms_there_are():
    wide = file_of("visitors_control,visitors_test,signups_control,signups_test", "1,2,1,1")
    choice = guess_table(wide).choice()
    assert (shape_of(choice, wide), arms_of(choice, wide)) == ("sums", ("control", "test"))
    who = file_of("user_id,variant", "a, A", "b,B", "c,A ", "d,")
    choice = guess_table(who).choice("experiment")
    assert (shape_of(choice, who), arms_of(choice, who)) == ("exposures", ("A", "B"))


@pytest.mark.parametrize(
    ("head", "n"),
    [("실험군,방문자수,평균구매액,표준편차", 1), ("실험군,방문자수,평균구매액,평균체류,표준편차", 0)],
)
def test_a_spread_without_a_name_is_that_of_the_only_mean(head, n):
    cells = ",".join(["3"] * (head.count(",") - 2))
    made = made_of(head, f"A,10,12,{cells}", f"B,10,13,{cells}")
    told = made.tables["sums"].column("xx")
    assert len(told) - told.null_count == 2 * n
