"""The planted truths come out of the product itself, and vanish where the generator plants nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from journey.analysis.comparison import comparison
from journey.analysis.flows import flows
from journey.analysis.reach import reach
from journey.events.columns import ColumnChoice
from journey.events.log import EventLog
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import newcombe
from tests.events.logs import event_log

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
COLUMNS = ColumnChoice("고객ID", "이벤트", "일시", attributes=("채널", "앱버전"))
STAGES = (
    StageMap()
    .add_stage("주문서")
    .add_stage("결제")
    .place("주문서 작성", "s1")
    .place("결제 완료", "s2")
    .place("재구매", "s2")
)


def opened(folder: Path) -> EventLog:
    path = folder / "shop_events.csv"
    return event_log(read_table(path.read_bytes(), path.name), COLUMNS, drop_duplicates=True)


@pytest.fixture(scope="module")
def planted() -> EventLog:
    return opened(FOLDER)


@pytest.fixture(scope="module")
def unplanted(tmp_path_factory: pytest.TempPathFactory) -> EventLog:
    out = tmp_path_factory.mktemp("none")
    arguments = ["--plant", "none", "--seed", "7", "--out", str(out)]
    subprocess.run([sys.executable, "-B", str(FOLDER / "generate.py"), *arguments], check=True, timeout=120)
    return opened(out)


def paid(log: EventLog) -> tuple[int, int]:
    """Visits with a checkout whose next stage is the payment, of all visits with a checkout."""
    answer = flows(log, STAGES, start="주문서", steps=2, unit="session")
    links = answer.links[(answer.links["step"] == 1) & (answer.links["target"] == "결제")]
    return int(links["customers"].sum()), answer.n_shown


def checked_out(log: EventLog) -> tuple[int, int]:
    """Visits that reach the checkout, of all visits."""
    answer = reach(log, STAGES, unit="session")
    return int(answer.table.set_index("stage").loc["주문서", "customers"]), answer.n_customers


@dataclass(frozen=True)
class Truth:
    """A share that is counted among the rows with a value and among the others of an attribute."""

    counted: Callable[[EventLog], tuple[int, int]]
    attribute: str
    value: str
    missing: frozenset[None]  # do rows without a value belong to the others?

    def counts(self, log: EventLog) -> tuple[tuple[int, int], tuple[int, int]]:
        others = set(log.attributes[self.attribute].categories) - {self.value} | self.missing
        return (
            self.counted(log.where(self.attribute, [self.value])),
            self.counted(log.where(self.attribute, others)),
        )


TRUTHS = {
    # A PC has no version; what happens outside of a visit has no channel.
    "fault": Truth(paid, "앱버전", "4.2.0", frozenset({None})),
    "channel": Truth(checked_out, "채널", "카카오톡", frozenset()),
}


@pytest.mark.parametrize(("name", "sign", "least"), [("fault", -1, 0.3), ("channel", 1, 0.15)])
def test_a_planted_truth_is_found_with_the_figures_of_the_readme(
    planted: EventLog, name: str, sign: int, least: float
) -> None:
    one, other = TRUTHS[name].counts(planted)
    shares = [f"{hit:,}/{of:,} = {hit / of:.1%}" for hit, of in (one, other)]
    assert f"| `{name}` | {shares[0]} | {shares[1]} |" in README
    assert min(sign * end for end in newcombe(*one, *other)) > least


@pytest.mark.parametrize("name", TRUTHS)
def test_nothing_is_found_where_nothing_was_planted(unplanted: EventLog, name: str) -> None:
    low, high = newcombe(*(number for counts in TRUTHS[name].counts(unplanted) for number in counts))
    assert low < 0 < high
    assert high - low < 0.2, "too few visits to tell anything"


def told_apart(log: EventLog, name: str) -> tuple[str, float]:
    """Verdict and difference of the figure that a truth is about, in a comparison of visits."""
    truth = TRUTHS[name]
    others = sorted(set(log.attributes[truth.attribute].categories) - {truth.value})
    rules = [{"attribute": truth.attribute, "values": values} for values in ([truth.value], others)]
    # Rows without a value belong to the others, or to nobody.
    answer = comparison(log, STAGES, a=rules[0], b=None if truth.missing else rules[1], unit="session")
    if name == "fault":
        found = answer.links[(answer.links["source"] == "주문서") & (answer.links["target"] == "결제")]
        found = found[found["step"] == 1]
    else:
        found = answer.measures[
            (answer.measures["measure"] == "reach") & (answer.measures["stage"] == "주문서")
        ]
    return str(found["state"].iloc[0]), float(found["difference"].iloc[0])


@pytest.mark.parametrize(("name", "sign"), [("fault", -1), ("channel", 1)])
def test_a_comparison_of_visits_tells_a_planted_truth_from_chance(
    planted: EventLog, unplanted: EventLog, name: str, sign: int
) -> None:
    verdict, difference = told_apart(planted, name)
    assert verdict == "clear" and sign * difference > 0.05
    assert told_apart(unplanted, name)[0] == "unclear"
