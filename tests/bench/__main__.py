"""Measure the core job beside its peers, in one run, and judge the ratios: `python -m tests.bench`.

Every contender runs in a process of its own, one at a time; figures are processor seconds (all threads and
children), the best of the repeats. Peers run in another Python (`--peers`), which has the packages of
requirements-bench.txt. Exit codes: 0 all targets met, 1 one was missed, 2 contenders do not agree.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.bootstrap import BOOTSTRAP, bootstrap
from tests.bench.clusters import CLUSTERS, clusters
from tests.bench.customers import CUSTOMERS, customers
from tests.bench.data import STAGES
from tests.bench.experiment import EXPERIMENT, experiment
from tests.bench.journey_map import MAP, journey_map
from tests.bench.prepare import LARGE_COLUMNS, WIDE_COLUMNS
from tests.bench.questions import QUESTIONS, alone, questions
from tests.bench.runner import (
    FEW_TIES,
    HOME,
    Disagreement,
    Runner,
    Target,
    best,
    machine,
    same,
    times,
    versions_of,
)
from tests.bench.table import COLUMNS
from tests.e2e.browser import find_browser

PAGE = HOME / "docs" / "performance.md"
HALF_TIED = 0.5
LOG_MB = 250
WIDE_ROWS = 2_000
NO_BROWSER = "Not measured: there is no Chromium, Chrome or Edge here (JOURNEY_BROWSER names another)."
EMPTY_TRIP = "round trip of an empty component"
PARTS = ("core", "files", "questions", "customers", "clusters", "bootstrap", "experiment", "map")


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
    file = runner.file(kind, "csv", n)
    found = {
        "ours": runner.ours("load_ours", file, runner.repeats),
        "pandas": runner.peer("load_pandas", file, runner.repeats),
        "pandas, lent our sort": runner.peer("load_pandas", file, runner.repeats, "lent"),
    }
    file.unlink()
    same(found, "rows", "customers", "checks")
    return found


def browser(runner: Runner, n: int) -> tuple[list[str], Target | None]:
    """The page's section on the browser, and its target; without a browser only the reason."""
    section = [f"### In the browser, {n:,} events", ""]
    if find_browser() is None:
        print(f"browser: {NO_BROWSER}")
        return [*section, NO_BROWSER, ""], None
    print(f"browser, {n:,} events")
    found = runner.ours("browser", n)
    section += seconds(found, ("drop", "drop to new numbers"), ("empty", EMPTY_TRIP))
    rounds = len(found["all"]["drop"])
    section += [f"{rounds} of each, in turns; the ratio of the medians is judged.", ""]
    ratio = found["drop"] / found["empty"]
    return section, Target(f"browser at {n:,}: a drop over an empty round trip", ratio, most=2)


def workbook(runner: Runner, n: int, *, large: bool) -> tuple[list[str], Target, dict[str, str]]:
    """A workbook read by ours and by openpyxl."""
    print(f"workbook, {n:,} rows")
    file = runner.file("workbook", "xlsx", n)
    found = {
        "ours": runner.ours("workbook_ours", file, runner.repeats),
        "openpyxl": runner.ours("workbook_openpyxl", file, runner.repeats),
    }
    if large:
        found["pandas, engine openpyxl"] = runner.ours("workbook_openpyxl", file, 1, "pandas")
    size = file.stat().st_size / 1e6
    file.unlink()
    same(found, "checks")
    ratio = best(found["openpyxl"]) / best(found["ours"])
    target = Target(f"workbook of {n:,} rows: times faster than openpyxl", ratio, least=6)
    section = [
        f"### XLSX to a table, {n:,} rows, {len(COLUMNS)} columns, {size:.0f} MB",
        "",
        *times(found),
        "",
    ]
    return section, target, versions_of(found)


def text_file(runner: Runner, n: int) -> tuple[list[str], Target, dict[str, str]]:
    """A CSV file from disk to a sorted log, by ours and by pyarrow bare."""
    print(f"CSV file, {n:,} rows")
    file = runner.file("table", "csv", n)
    found = {
        "ours": runner.ours("csv_ours", file, runner.repeats),
        "pyarrow": runner.ours("csv_arrow", file, runner.repeats),
        "pyarrow, sorted by codes": runner.ours("csv_arrow", file, runner.repeats, "lexsort"),
    }
    size = file.stat().st_size / 1e6
    file.unlink()
    same(found, "rows", "customers", "checks")
    ratio = best(found["ours"]) / best(found["pyarrow"])
    target = Target(f"CSV file of {n:,} rows: ours over pyarrow bare", ratio, most=2.5)
    head = f"### CSV file to a sorted log, {n:,} rows, {len(COLUMNS)} columns, {size:.0f} MB"
    return [head, "", *times(found), ""], target, versions_of(found)


def road(runner: Runner, n: int) -> list[str]:
    """Every step from dropped bytes to a stored project, without a target."""
    print(f"from a drop to a project, {n:,} rows")
    columns = {"six columns": "table", "with e-mail, phone and milliseconds": "personal"}
    found = {}
    for words, kind in columns.items():
        file = runner.file(kind, "csv", n)
        found[words] = runner.ours("road", file, runner.repeats)
        file.unlink()
    steps = next(iter(found.values()))["steps"]
    lines = [f"| wall seconds | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    for name in steps:
        spent = " | ".join(f"{each['steps'][name]:.3f}" for each in found.values())
        lines.append(f"| {name} | {spent} |")
    whole = " | ".join(f"{min(each['wall']):.3f}" for each in found.values())
    lines.append(f"| all in one | {whole} |")
    return [f"### From dropped bytes to a stored project, CSV of {n:,} rows", "", *lines, ""]


def guesses(runner: Runner, large: Path, rows: int) -> tuple[list[str], list[Target]]:
    """How long the kind and the roles of a large and of a wide table take."""
    print("kind and roles of columns")
    wide = runner.file("wide", "csv", WIDE_ROWS)
    found = {
        (f"guessed, {rows:,} rows x {LARGE_COLUMNS}", 0.3): runner.ours("guess", large, runner.repeats),
        (f"guessed, {WIDE_ROWS:,} rows x {WIDE_COLUMNS:,}", 2.0): runner.ours("guess", wide, runner.repeats),
        (f"read, {WIDE_ROWS:,} rows x {WIDE_COLUMNS:,}", 2.0): runner.ours(
            "guess", wide, runner.repeats, "read"
        ),
    }
    wide.unlink()
    lines = ["| | CPU seconds | wall seconds |", "|---|---|---|"]
    lines += [f"| {name} | {best(each):.3f} | {min(each['wall']):.3f} |" for (name, _), each in found.items()]
    targets = [Target(f"{name}: CPU seconds", best(each), most=most) for (name, most), each in found.items()]
    return ["### Kind of a table and roles of its columns", "", *lines, ""], targets


def roles(runner: Runner, large: Path, rows: int) -> tuple[list[str], Target | None]:
    """A change of a column's role on the Data page, in a browser."""
    section = [f"### A change of role, file of {rows:,} rows x {LARGE_COLUMNS} columns", ""]
    if find_browser() is None:
        print(f"change of role: {NO_BROWSER}")
        return [*section, NO_BROWSER, ""], None
    print(f"change of role, {rows:,} rows")
    found = runner.ours("wizard", large)
    section += seconds(found, ("change", "change to its preview"), ("empty", EMPTY_TRIP))
    section += [f"From the drop of the file to its first preview: {found['shown']:.1f} s.", ""]
    return section, Target(f"change of role at {rows:,} rows: seconds, median", found["change"], most=0.3)


def seconds(found: dict[str, Any], *named: tuple[str, str]) -> list[str]:
    """A table of what was timed in the browser."""
    lines = ["| | seconds, median | fastest | slowest |", "|---|---|---|---|"]
    for name, words in named:
        each = found["all"][name]
        lines.append(f"| {words} | {found[name]:.3f} | {min(each):.3f} | {max(each):.3f} |")
    return [*lines, ""]


def core(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """The drag, the load, memory and the board."""
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


def files(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """Files: a workbook, a text, the whole road, and what the Data page says of them."""
    n, rows = options.rows // 20, options.rows // 10
    book, faster, versions = workbook(runner, n, large=options.large)
    text, within, others = text_file(runner, n)
    whole = road(runner, n)
    large = runner.file("large", "csv", rows)
    guessed, bounds = guesses(runner, large, rows)
    changed, target = roles(runner, large, rows)
    large.unlink()
    targets = [faster, within, *bounds, *([target] if target else [])]
    return [machine({**versions, **others}), "", *book, *text, *whole, *guessed, *changed], targets


HEAD = """# Performance

Written by `make bench`; `make bench BENCH=--only=files` (or `core`, `questions`, `customers`, `clusters`,
`bootstrap`, `experiment`, `map`) measures that part alone and leaves the others as they were. Figures are
processor seconds (user and system, all threads and child processes), the best of the repeats, each contender
in a process of its own, one after another on the same data; ratios hold within one run only, and each part
says when its run was. The data is made by a seeded script: a tenth as many customers as events, lognormal
events a customer, 25 event names in six stages, 180 days, stamps of one second.
"""

CORE = """- **Drag** is what a card that is dropped on another stage costs: re-stage, put tied rows in order,
  collapse to visits, transitions, links of ten steps, reach and exits. Every contender is given the same
  sorted, encoded arrays in memory, each customer's first row flagged and tied rows known; links, reach
  and exits of all are equal, or the run fails. Ours also holds one word a customer that says which
  events it has, made once for a log; "lent our sets" is polars with that word, and DuckDB has it too.
  retentioneering gets its stream sorted, with ties already in stage order, and is asked for transitions
  and ten steps only.
- **Load** is from the bytes of a CSV file in memory to a sorted, encoded log, in one process. pandas is its
  C reader, factorize and a sort by customer, time and event (NumPy's lexsort); "lent our sort" is pandas
  with the very function that sorts our rows. Each is repeated as often.
- **In the browser** is wall time, as a user feels it: from letting a card go over another stage to that
  stage's new reach on the screen, with the project of a log of this size open. Beside it, in the same
  browser and in turns, a click on a component that does nothing but go to Python and back, in an app of
  Streamlit and nothing else; medians are compared, and every drop moves another card.
"""

FILES = """- **XLSX to a table** is a workbook on disk, its texts shared as Excel writes them, to a table.
  Ours is the road of an upload: a process with limits, in it another one for the workbook, every look that
  is taken at the cells, and the table handed back. openpyxl is its fastest way, read-only and values only,
  in one process without a limit. Rows, customers and sums over three columns are equal, or the run fails.
- **CSV file to a sorted log** is a file on disk, read by a process of its own, decoded, checked, kept as
  text, and cleaned to a sorted log of the five columns that the Data page would take. pyarrow reads all six
  columns bare with all its threads and sorts the same five by customer, time and event; "sorted by codes"
  is NumPy's lexsort on dictionary codes. Rows, customers and samples of the order are equal.
- **From dropped bytes to a stored project** is each step of the Data page, one after another; wall time.
- **A change of role** is wall time in a browser, by the clock of the page: from the key that chooses another
  column for the time to the frame in which the preview has followed and the page has run to its end, with
  the file waiting on the Data page. Two columns of times take turns; so does the empty component's round
  trip in the same browser.
"""
WORDS = {
    "core": CORE,
    "files": FILES,
    "questions": QUESTIONS,
    "customers": CUSTOMERS,
    "clusters": CLUSTERS,
    "bootstrap": BOOTSTRAP,
    "experiment": EXPERIMENT,
    "map": MAP,
}


def page_of(measured: dict[str, str], before: str) -> str:
    """The page: what was measured now, and the other parts as they stand in the page from `before`."""
    old = {part.split("\n", 1)[0].lower(): part for part in before.split("\n## ")[1:]}
    parts = [HEAD.rstrip()]
    for part in PARTS:
        kept = old.get(part, f"{part.capitalize()}\n\nNot measured yet.")
        parts.append(f"## {measured.get(part, kept).strip()}")
    return "\n\n".join(parts) + "\n"


def part_of(name: str, page: list[str], judged: list[str]) -> str:
    """One part of the page, and when it was measured."""
    when = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    head = [name.capitalize(), "", WORDS[name], f"Measured {when}, in one run.", ""]
    return "\n".join([*head, *judged, "", *page])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="events of the large log (default: 10 million)"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=HOME / ".venv-bench" / "bin" / "python")
    parser.add_argument("--only", choices=PARTS, help="measure one part, and keep the others on the page")
    parser.add_argument("--question", help="tell what one question takes alone, and leave the page as it is")
    parser.add_argument(
        "--large", action="store_true", help="also five times the rows, ours only, and pandas with openpyxl"
    )
    parser.add_argument("--fast", action="store_true", help="leave out retentioneering")
    parser.add_argument("--out", type=Path, default=PAGE, help=f"the page (default: docs/{PAGE.name})")
    options = parser.parse_args()
    measured: dict[str, str] = {}
    met, shown = True, []
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(options.peers, options.repeats, Path(folder))
        if options.question:
            page, targets = alone(options, runner, options.question)
            print("\n".join([*page, *(target.line() for target in targets)]))
            return 0 if targets and all(target.met for target in targets) else 1
        measures = (core, files, questions, customers, clusters, bootstrap, experiment, journey_map)
        for name, measure in zip(PARTS, measures, strict=True):
            if options.only not in (None, name):
                continue
            try:
                page, targets = measure(options, runner)
            except Disagreement as problem:
                print(f"contenders do not agree on {problem}", file=sys.stderr)
                return 2
            judged = ["| target | wanted | measured | |", "|---|---|---|---|"]
            judged += [target.line() for target in targets]
            measured[name] = part_of(name, page, judged)
            met, shown = met and all(target.met for target in targets), [*shown, *judged]
    before = options.out.read_text(encoding="utf-8") if options.out.exists() else ""
    options.out.write_text(page_of(measured, before), encoding="utf-8")
    print("\n".join(shown))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
