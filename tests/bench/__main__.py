"""Measure the core job beside its peers, in one run, and judge the ratios: `python -m tests.bench`.

Every contender runs in a process of its own, one at a time; figures are processor seconds (all threads and
children), the best of the repeats. Peers run in another Python (`--peers`), which has the packages of
requirements-bench.txt. Exit codes: 0 all targets met, 1 one was missed, 2 contenders do not agree.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.data import STAGES
from tests.e2e.browser import find_browser

HOME = Path(__file__).resolve().parents[2]
PAGE = HOME / "docs" / "performance.md"
FEW_TIES, HALF_TIED = 0.005, 0.5
LOG_MB = 250


@dataclass(frozen=True)
class Target:
    """`value` must be at least (`least`) or at most (`most`) so much."""

    name: str
    value: float
    least: float = 0.0
    most: float = float("inf")

    @property
    def met(self) -> bool:
        return self.least <= self.value <= self.most

    def line(self) -> str:
        wanted = f">= {self.least:g}" if self.least else f"<= {self.most:g}"
        return f"| {self.name} | {wanted} | {self.value:.3g} | {'met' if self.met else '**missed**'} |"


class Disagreement(Exception):
    """Two contenders were given the same and do not say the same."""


class Runner:
    """Starts contenders and keeps what they report."""

    def __init__(self, peers: Path, repeats: int, folder: Path) -> None:
        self.peers, self.repeats, self.folder = peers, repeats, folder
        self.environment = {**os.environ, "PYTHONPATH": str(HOME), "RETENTIONEERING_NO_TRACK": "1"}

    def ours(self, module: str, *arguments: object) -> dict[str, Any]:
        return self._run(sys.executable, module, *arguments)

    def peer(self, module: str, *arguments: object) -> dict[str, Any]:
        return self._run(str(self.peers), module, *arguments)

    def _run(self, python: str, module: str, *arguments: object) -> dict[str, Any]:
        command = [python, "-m", f"tests.bench.{module}", *map(str, arguments)]
        print("  ", module, *[Path(str(a)).name for a in arguments], end=" ", flush=True)
        done = subprocess.run(
            command, cwd=HOME, env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
        if "cpu" in found:
            print(f"{min(found['cpu']):.4f} s")
        else:
            print()
        return found

    def log(self, n: int, tied: float) -> Path:
        folder = self.folder / f"log_{n}_{tied}"
        if not folder.exists():
            folder.mkdir()
            self.ours("prepare", "log", folder, n, tied)
        return folder

    def csv(self, kind: str, n: int) -> Path:
        file = self.folder / f"{kind}_{n}.csv"
        self.ours("prepare", kind, file, n, FEW_TIES)
        return file


def best(found: dict[str, Any]) -> float:
    return min(found["cpu"])


def drag(runner: Runner, n: int, tied: float, *, slow: bool) -> dict[str, dict[str, Any]]:
    """Every contender on one log, checked against each other."""
    folder = runner.log(n, tied)
    found = {
        "ours": runner.ours("drag_ours", folder, runner.repeats * 3),
        "polars": runner.peer("drag_polars", folder, runner.repeats * 3),
        "polars, lent our sets": runner.peer("drag_polars", folder, runner.repeats * 3, "lent"),
        "DuckDB": runner.peer("drag_duckdb", folder, runner.repeats * 3),
    }
    if slow:
        found["retentioneering"] = runner.peer("drag_retentioneering", folder, 1 if n > 2_000_000 else 2)
    shutil.rmtree(folder)
    agree(found)
    return found


def agree(found: dict[str, dict[str, Any]]) -> None:
    """Links, reach and exits are equal everywhere; retentioneering's transitions and shares of steps too."""
    ours = found["ours"]
    for name, other in found.items():
        for part in ("links", "reach", "exits"):
            if part in other and other[part] != ours[part]:
                raise Disagreement(f"{part}: {name}")
    theirs = found.get("retentioneering")
    if theirs is not None:
        links = np.array(ours["links"]).reshape(-1, 16, 16)[:, : len(STAGES)]
        if not np.array_equal(links.sum(axis=0)[:, : len(STAGES)], theirs["matrix"]):
            raise Disagreement("transitions: retentioneering")
        shares = links[:-1].sum(axis=2).T / links[0].sum()
        # Their first column is the start of the path; shares come rounded.
        if not np.allclose(np.array(theirs["steps"])[:, 1:], shares, atol=1e-4):
            raise Disagreement("steps: retentioneering")


def load(runner: Runner, kind: str, n: int) -> dict[str, dict[str, Any]]:
    file = runner.csv(kind, n)
    found = {
        "ours": runner.ours("load_ours", file, runner.repeats),
        "pandas": runner.peer("load_pandas", file, runner.repeats),
        "pandas, lent our sort": runner.peer("load_pandas", file, runner.repeats, "lent"),
    }
    file.unlink()
    for name, other in found.items():
        for part in ("rows", "customers", "checks"):
            if other[part] != found["ours"][part]:
                raise Disagreement(f"{part}: {name}")
    return found


def browser(runner: Runner, n: int) -> tuple[list[str], Target | None]:
    """The page's section on the browser, and its target; without a browser only the reason."""
    section = [f"### In the browser, {n:,} events", ""]
    if find_browser() is None:
        reason = "Not measured: there is no Chromium, Chrome or Edge here (JOURNEY_BROWSER names another)."
        print(f"browser: {reason}")
        return [*section, reason, ""], None
    print(f"browser, {n:,} events")
    found = runner.ours("browser", n)
    section += ["| | seconds, median | fastest | slowest |", "|---|---|---|---|"]
    for name, words in (("drop", "drop to new numbers"), ("empty", "round trip of an empty component")):
        each = found["all"][name]
        section.append(f"| {words} | {found[name]:.3f} | {min(each):.3f} | {max(each):.3f} |")
    rounds = len(found["all"]["drop"])
    section += ["", f"{rounds} of each, in turns; the ratio of the medians is judged.", ""]
    ratio = found["drop"] / found["empty"]
    return section, Target(f"browser at {n:,}: a drop over an empty round trip", ratio, most=2)


def machine(versions: dict[str, str]) -> str:
    with open("/proc/meminfo", encoding="ascii") as lines:
        memory = int(next(iter(lines)).split()[1]) / 1e6
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GB memory, {platform.system()}, "
        f"Python {platform.python_version()}, {named}."
    )


def times(found: dict[str, dict[str, Any]]) -> list[str]:
    ours = best(found["ours"])
    lines = ["| | CPU seconds | ratio to ours | wall seconds | peak memory, MB |", "|---|---|---|---|---|"]
    for name, each in found.items():
        lines.append(
            f"| {name} | {best(each):.4g} | {best(each) / ours:.3g}x | {min(each['wall']):.4g} "
            f"| {each['peak_mb']:.0f} |"
        )
    return lines


def measure(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    small, big = options.rows // 10, options.rows
    targets: list[Target] = []
    page: list[str] = []
    per_row: dict[int, float] = {}
    versions: dict[str, str] = {}

    for n, tied in ((small, FEW_TIES), (big, FEW_TIES), (big, HALF_TIED)):
        judged = tied == FEW_TIES
        print(f"drag, {n:,} events, {tied:.1%} of rows tied")
        found = drag(runner, n, tied, slow=judged and not options.fast)
        versions |= {name: each["version"] for name, each in found.items() if each.get("version")}
        page += [f"### Drag, {n:,} events, {tied:.1%} of rows tied", "", *times(found), ""]
        if judged:
            per_row[n] = best(found["ours"]) / n
        if judged and n == big:
            page += [f"First drag after opening the log: {found['ours']['first']:.2g} s.", ""]
            for name, least in (("retentioneering", 300), ("DuckDB", 15), ("polars", 4)):
                if name in found:
                    ratio = best(found[name]) / best(found["ours"])
                    targets.append(Target(f"drag at {n:,}: times faster than {name}", ratio, least=least))
    growth = per_row[big] / per_row[small]
    targets.append(Target(f"drag: time an event at {big:,} over {small:,}", growth, most=1.5))

    for kind, least, words in (
        ("numbered", 2.5, "ids with a numeric tail"),
        ("text", 1.0, "free-text ids"),
    ):
        print(f"load, {big:,} rows, {words}")
        found = load(runner, kind, big)
        versions |= {name: each["version"] for name, each in found.items() if each.get("version")}
        page += [f"### CSV to a sorted log, {big:,} rows, {words}", "", *times(found), ""]
        ratio = best(found["pandas"]) / best(found["ours"])
        targets.append(Target(f"load at {big:,}, {words}: times faster than pandas", ratio, least=least))

    print(f"memory, {big:,} events")
    resident = runner.ours("memory", runner.log(big, FEW_TIES))
    page += [
        f"### Memory, log of {big:,} events without attributes",
        "",
        f"Opened and read through: {resident['grown_mb']:.0f} MB resident beyond the empty process "
        f"({resident['before_mb']:.0f} MB), arrays {resident['arrays_mb']:.0f} MB.",
        "",
    ]
    targets.append(
        Target(f"log of {big:,} events, MB resident", resident["grown_mb"], most=LOG_MB * big / 10**7)
    )

    section, target = browser(runner, small)
    page += section
    targets += [target] if target else []

    if options.large:
        print(f"drag, {5 * big:,} events, ours only")
        folder = runner.log(5 * big, FEW_TIES)
        alone = runner.ours("drag_ours", folder, runner.repeats)
        page += [f"### Drag, {5 * big:,} events, ours only", "", *times({"ours": alone}), ""]
        growth = best(alone) / (5 * big) / per_row[small]
        targets.append(Target(f"drag: time an event at {5 * big:,} over {small:,}", growth, most=1.5))

    ours = {name.split(":")[0]: version for name, version in versions.items() if "lent" not in name}
    return [machine({"numpy": np.__version__, **ours}), "", *page], targets


HEAD = """# Performance

Written by `make bench`. Figures are processor seconds (user and system, all threads and child
processes), the best of the repeats, each contender in a process of its own, one after another on the
same data; ratios hold within one run only. The data is made by a seeded script: a tenth as many
customers as events, lognormal events a customer, 25 event names in six stages, 180 days, stamps of one
second.

- **Drag** is what a card that is dropped on another stage costs: re-stage, put tied rows in order,
  collapse to visits, transitions, links of ten steps, reach and exits. Every contender is given the same
  sorted, encoded arrays in memory, each customer's first row flagged and tied rows known; links, reach
  and exits of all are equal, or the run fails. Ours also holds one word a customer that says which
  events it has, made once for a log; "lent our sets" is polars with that word, and DuckDB has it too.
  retentioneering gets its stream sorted, with ties already in stage order, and is asked for transitions
  and ten steps only.
- **Load** is from the bytes of a CSV file in memory to a sorted, encoded log, by the road that an upload
  takes. pandas is its C reader, factorize and a sort by customer, time and event (NumPy's lexsort);
  "lent our sort" is pandas with the very function that sorts our rows. Each is repeated as often.
- **In the browser** is wall time, as a user feels it: from letting a card go over another stage to that
  stage's new reach on the screen, with the project of a log of this size open. Beside it, in the same
  browser and in turns, a click on a component that does nothing but go to Python and back, in an app of
  Streamlit and nothing else; medians are compared, and every drop moves another card.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="events of the large log (default: 10 million)"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=HOME / ".venv-bench" / "bin" / "python")
    parser.add_argument("--large", action="store_true", help="also five times the rows, ours only")
    parser.add_argument("--fast", action="store_true", help="leave out retentioneering")
    parser.add_argument("--out", type=Path, help=f"where to write the page (default: docs/{PAGE.name})")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            page, targets = measure(options, Runner(options.peers, options.repeats, Path(folder)))
        except Disagreement as problem:
            print(f"contenders do not agree on {problem}", file=sys.stderr)
            return 2
    judged = ["| target | wanted | measured | |", "|---|---|---|---|", *(target.line() for target in targets)]
    text = "\n".join([HEAD, *judged, "", *page]).rstrip() + "\n"
    (options.out or PAGE).write_text(text, encoding="utf-8")
    print("\n".join(judged))
    return 0 if all(target.met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
