"""The sample files are what their README says: same bytes, linked ids, known damage, truths that can vanish.

Nothing of the product is used here: pandas reads, scipy decides. The product has to find the same on its own.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.mixture import GaussianMixture

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
KOREAN = ("events", "orders", "survey", "reviews", "experiments", "customers")
BOUGHT = ("결제 완료", "재구매")
# With nothing planted an effect must not be told from chance: p above .01 in each of these shops.
SEEDS = (20240630, 7, 2025)


def generate(out: Path, *arguments: str) -> Path:
    subprocess.run(
        [sys.executable, "-B", str(FOLDER / "generate.py"), "--out", str(out), *arguments],
        check=True,
        timeout=120,
    )
    return out


@pytest.fixture(scope="session")
def unplanted(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    return {
        seed: generate(tmp_path_factory.mktemp(f"none{seed}"), "--plant", "none", "--seed", str(seed))
        for seed in SEEDS
    }


@cache
def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"shop_{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")


def moments(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, format="%Y-%m-%d %H:%M:%S", errors="coerce")


@cache
def events(folder: Path) -> pd.DataFrame:
    """Usable rows of the event table, each once, by customer and time."""
    rows = table(folder, "events").copy()
    rows["고객ID"] = rows["고객ID"].str.strip()
    rows["time"] = moments(rows["일시"])
    usable = rows["고객ID"].str.fullmatch(r"C\d{4}") & rows["time"].notna()
    rows = rows[usable & ~rows["이벤트"].isin(["", "test_event"])].drop_duplicates()
    return rows.sort_values(["고객ID", "time"], kind="stable")


def counts(group: pd.Series, hit: pd.Series) -> np.ndarray:
    """[[hits, misses] of the group, [hits, misses] of the others]."""
    return np.array(
        [[(hit & group).sum(), (~hit & group).sum()], [(hit & ~group).sum(), (~hit & ~group).sum()]]
    )


# ---- one function a truth: ([[hits, misses] of the group, [hits, misses] of the others]) ----------------


def fault(folder: Path) -> np.ndarray:
    """Checkouts in app version 4.2.0 against all others; a hit is a payment within 30 minutes."""
    rows = events(folder)
    checkouts = rows[rows["이벤트"] == "주문서 작성"]
    paid = rows[rows["이벤트"].isin(BOUGHT)]
    pairs = checkouts.reset_index().merge(paid[["고객ID", "time"]], on="고객ID", suffixes=("", "_paid"))
    gap = (pairs["time_paid"] - pairs["time"]).dt.total_seconds()
    done = checkouts.index.isin(pairs.loc[gap.between(0, 1800), "index"])
    return counts(checkouts["앱버전"] == "4.2.0", pd.Series(done, index=checkouts.index))


def channel(folder: Path) -> np.ndarray:
    """Visits (30 silent minutes end one) from KakaoTalk against all others; a hit goes to the checkout."""
    rows = events(folder)
    rows = rows[rows["채널"] != ""].copy()
    gap = rows["time"] - rows.groupby("고객ID")["time"].shift()
    rows["visit"] = (gap.isna() | (gap > pd.Timedelta(minutes=30))).cumsum()
    rows["checkout"] = rows["이벤트"] == "주문서 작성"
    visits = rows.groupby("visit").agg(channel=("채널", "first"), checkout=("checkout", "any"))
    return counts(visits["channel"] == "카카오톡", visits["checkout"])


def trial(folder: Path, name: str) -> np.ndarray:
    """Arm B against arm A; a hit is a conversion."""
    rows = table(folder, "experiments")
    rows = rows[rows["실험"] == name]
    return counts(rows["실험군"] == "B", rows["전환"] == "1")


def lift(folder: Path) -> np.ndarray:
    return trial(folder, "무료배송 배너")


def second_trial(folder: Path) -> np.ndarray:
    return trial(folder, "추천 목록 개편")


@cache
def receivers(folder: Path) -> pd.DataFrame:
    """Customers whose first parcel came before May: was it late, were they silent afterwards?

    Silent: no event of any kind from more than 14 up to 60 days after that parcel.
    """
    rows = events(folder)
    first = rows[rows["이벤트"] == "배송 완료"].groupby("고객ID")["time"].min()
    people = pd.DataFrame({"came": first[first < "2024-05-01"]})
    notice = rows[rows["이벤트"] == "배송 지연 안내"].groupby("고객ID")["time"].min()
    people["late"] = notice.reindex(people.index) < people["came"]
    people["region"] = rows.groupby("고객ID")["지역"].first().reindex(people.index)
    after = rows.merge(people[["came"]], left_on="고객ID", right_index=True)
    days = (after["time"] - after["came"]).dt.total_seconds() / 86400
    people["silent"] = ~people.index.isin(after.loc[(days > 14) & (days <= 60), "고객ID"])
    return people


def churn(folder: Path) -> np.ndarray:
    """Customers whose first parcel was late against the others; a hit fell silent."""
    people = receivers(folder)
    return counts(people["late"], people["silent"])


def churn_region(folder: Path) -> np.ndarray:
    """Customers in Busan against the others; a hit fell silent."""
    people = receivers(folder)
    return counts(people["region"] == "부산", people["silent"])


def late_region(folder: Path) -> np.ndarray:
    """Customers in Busan against the others; a hit got the first parcel late."""
    people = receivers(folder)
    return counts(people["region"] == "부산", people["late"])


def feelings(folder: Path) -> np.ndarray:
    """Answers about delivery against all others; a hit is a CSAT of 4 or 5."""
    answers = table(folder, "survey")
    answers = answers[answers["CSAT"] != ""]
    return counts(answers["접점"] == "배송", answers["CSAT"].isin(["4", "5"]))


def late_stars(folder: Path) -> np.ndarray:
    """Reviews of customers who ever waited for a late parcel against the others; a hit has 4 or 5 stars."""
    rows, reviews = events(folder), table(folder, "reviews")
    waited = rows.loc[rows["이벤트"] == "배송 지연 안내", "고객ID"]
    return counts(reviews["고객ID"].isin(waited), reviews["별점"].isin(["4", "5"]))


def onboarding(folder: Path) -> np.ndarray:
    """Trials whose onboarding was finished against the others; a hit subscribed."""
    rows = pd.read_csv(folder / "subscription_events.csv", dtype=str, keep_default_na=False)
    did = {name: set(part) for name, part in rows.groupby("event")["user_id"]}
    tried = pd.Series(sorted(did["Start trial"]))
    return counts(tried.isin(did["Finish onboarding"]), tried.isin(did["Subscribe"]))


SHARES = {
    "fault": (fault, "less"),
    "channel": (channel, "greater"),
    "lift": (lift, "greater"),
    "churn": (churn, "greater"),
    "churn_region": (churn_region, "greater"),
    "late_region": (late_region, "greater"),
    "feelings": (feelings, "less"),
    "late_stars": (late_stars, "less"),
    "onboarding": (onboarding, "greater"),
}


def arm_sizes(folder: Path) -> list[int]:
    (b_hit, b_miss), (a_hit, a_miss) = second_trial(folder)
    return [int(a_hit + a_miss), int(b_hit + b_miss)]


def baskets(folder: Path) -> tuple[float, float]:
    """By how much (BIC) two groups describe mean orders better than one; the top tenth's share of revenue."""
    lines = table(folder, "orders")
    lines = lines[lines["상태"] == "결제"].assign(amount=lambda rows: rows["금액"].astype(int))
    orders = lines.groupby(["고객ID", "주문번호"])["amount"].sum().groupby("고객ID").agg(["mean", "sum"])
    mean = np.log(orders["mean"].to_numpy())[:, None]
    one, two = (GaussianMixture(n, n_init=3, random_state=0).fit(mean).bic(mean) for n in (1, 2))
    best = orders["sum"].sort_values(ascending=False)
    return one - two, float(best.head(len(best) // 10).sum() / best.sum())


# ---- the files --------------------------------------------------------------------------------------------


def test_generating_again_gives_the_same_bytes(tmp_path: Path) -> None:
    again = {path.name: path.read_bytes() for path in generate(tmp_path).iterdir()}
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.csv")}
    assert again.keys() == kept.keys()
    assert [name for name in kept if again[name] != kept[name]] == []


def test_the_folder_is_smaller_than_three_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 3_000_000


def test_the_cp949_copy_is_cp949_and_holds_every_fourth_customer_of_the_shop() -> None:
    data = (FOLDER / "shop_events_cp949.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    lines = data.decode("cp949").splitlines()
    whole = (FOLDER / "shop_events.csv").read_text(encoding="utf-8-sig").splitlines()
    ids = {f"C{number:04d}" for number in range(4, 2001, 4)}
    assert lines[0] == whole[0]
    assert lines[1:] == [line for line in whole[1:] if line.split(",")[0].strip() in ids]


def test_every_id_is_a_customer_and_every_customer_has_events() -> None:
    people = table(FOLDER, "customers")["고객ID"]
    assert people.is_unique and len(people) == 2000
    assert set(events(FOLDER)["고객ID"]) == set(people)
    for name in ("orders", "survey", "reviews", "experiments"):
        assert set(table(FOLDER, name)["고객ID"]) <= set(people), name
    orders = table(FOLDER, "orders")
    numbers = set(zip(orders["주문번호"], orders["고객ID"], strict=True))
    reviews = table(FOLDER, "reviews")
    assert set(zip(reviews["주문번호"], reviews["고객ID"], strict=True)) <= numbers


def test_orders_and_events_tell_the_same_story() -> None:
    orders, rows = table(FOLDER, "orders"), events(FOLDER)
    placed = orders[orders["상태"] != "환불"].drop_duplicates("주문번호").copy()
    bought = rows[rows["이벤트"].isin(BOUGHT)]
    both = sorted(zip(placed["고객ID"], placed["주문일시"], strict=True))
    assert sorted(zip(bought["고객ID"], bought["일시"], strict=True)) == both
    # 재구매 is a payment on a later day than the customer's first one that was not cancelled.
    kept = placed[placed["상태"] == "결제"]
    first = moments(kept["주문일시"]).dt.normalize().groupby(kept["고객ID"]).min()
    day = bought["time"].dt.normalize()
    later = day > bought["고객ID"].map(first).fillna(pd.Timestamp.max.floor("D"))
    assert (later == (bought["이벤트"] == "재구매")).all()


def test_experiment_outcomes_are_those_of_the_orders() -> None:
    orders, rows = table(FOLDER, "orders"), table(FOLDER, "experiments").copy()
    orders = orders[orders["상태"] == "결제"].copy()
    orders["time"], orders["amount"] = moments(orders["주문일시"]), orders["금액"].astype(int)
    rows["time"] = moments(rows["노출일시"])
    pairs = rows.reset_index().merge(
        orders[["고객ID", "time", "amount"]], on="고객ID", suffixes=("", "_order")
    )
    days = (pairs["time_order"] - pairs["time"]).dt.total_seconds() / 86400
    inside = pairs[days.between(0, 14)].groupby("index")["amount"].sum().reindex(rows.index, fill_value=0)
    assert (inside == rows["매출"].astype(int)).all()
    assert ((inside > 0) == (rows["전환"] == "1")).all()
    assert not rows.duplicated(["실험", "고객ID"]).any()


def test_the_damage_is_as_stated() -> None:
    rows = table(FOLDER, "events")
    ids = rows["고객ID"].str.strip()
    found = {
        "rows": len(rows),
        "no_customer": int((~ids.str.fullmatch(r"C\d{4}")).sum()),
        "no_event": int((rows["이벤트"] == "").sum()),
        "bad_time": int(moments(rows["일시"]).isna().sum()),
        "duplicates": int(rows.duplicated().sum()),
        "test_event": int((rows["이벤트"] == "test_event").sum()),
        "padded_ids": int((rows["고객ID"] != ids).sum()),
    }
    for name, number in found.items():
        assert f"| `{name}` | {number:,} |" in README, (name, number)


def test_the_log_looks_real() -> None:
    rows = events(FOLDER)
    assert 20 <= rows["이벤트"].nunique() <= 27
    tied = rows.duplicated(["고객ID", "time"], keep=False).mean()
    assert 0.01 < tied < 0.1
    sizes = rows.groupby("고객ID").size()
    assert sizes.quantile(0.99) > 8 * sizes.median()
    hours = rows["time"].dt.hour.value_counts()
    assert hours[[20, 21, 22]].sum() > 5 * hours[[3, 4, 5]].sum()
    assert rows["time"].min() >= pd.Timestamp("2024-01-01")
    assert rows["time"].max() < pd.Timestamp("2024-07-01")
    reviews = table(FOLDER, "reviews")
    assert reviews["내용"].nunique() > 0.9 * len(reviews)


# ---- the truths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHARES)
def test_a_planted_share_is_there_with_the_figure_of_the_readme(name: str) -> None:
    measure, side = SHARES[name]
    (hit, miss), (other_hit, other_miss) = found = measure(FOLDER)
    assert stats.fisher_exact(found, alternative=side).pvalue < 1e-2
    group = f"{hit:,}/{hit + miss:,} = {hit / (hit + miss):.1%}"
    others = f"{other_hit:,}/{other_hit + other_miss:,} = {other_hit / (other_hit + other_miss):.1%}"
    row = f"| `{name}` | {group} | {others} |"
    assert row in README, row


@pytest.mark.parametrize("name", sorted(SHARES.keys() - {"churn_region", "late_stars"}))
def test_the_strong_truths_are_far_from_chance(name: str) -> None:
    measure, side = SHARES[name]
    assert stats.fisher_exact(measure(FOLDER), alternative=side).pvalue < 1e-4


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SHARES)
def test_a_share_vanishes_where_nothing_is_planted(unplanted: dict[int, Path], name: str, seed: int) -> None:
    assert stats.fisher_exact(SHARES[name][0](unplanted[seed])).pvalue > 0.01


def test_the_second_experiment_has_a_sample_ratio_mismatch_and_no_effect() -> None:
    sizes = arm_sizes(FOLDER)
    p = stats.chisquare(sizes).pvalue
    assert p < 0.001
    assert stats.fisher_exact(second_trial(FOLDER)).pvalue > 0.05
    assert f"| `mismatch` | A {sizes[0]}, B {sizes[1]} |" in README, sizes
    rows = table(FOLDER, "experiments")
    rows = rows[rows["실험"] == "추천 목록 개편"]
    lost = pd.crosstab(rows["기기"], rows["실험군"])
    assert stats.chisquare(lost.drop("iPhone").sum()).pvalue > 0.01
    assert lost.loc["iPhone", "B"] < 0.25 * lost.loc["iPhone", "A"]
    assert stats.chisquare(trial_sizes("무료배송 배너")).pvalue > 0.01


def trial_sizes(name: str) -> list[int]:
    return [int(row.sum()) for row in trial(FOLDER, name)]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_arm_loses_records_where_nothing_is_planted(unplanted: dict[int, Path], seed: int) -> None:
    assert stats.chisquare(arm_sizes(unplanted[seed])).pvalue > 0.01
    assert stats.fisher_exact(second_trial(unplanted[seed])).pvalue > 0.01


def test_customers_come_in_kinds() -> None:
    gain, top = baskets(FOLDER)
    assert gain > 100
    assert f"| `segments` | {gain:.0f} | {top:.1%} |" in README, (gain, top)


@pytest.mark.parametrize("seed", SEEDS)
def test_customers_are_of_one_kind_where_nothing_is_planted(unplanted: dict[int, Path], seed: int) -> None:
    gain, top = baskets(unplanted[seed])
    assert gain < 6
    assert top < baskets(FOLDER)[1] - 0.08
