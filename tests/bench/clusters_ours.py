"""Ours: visits of each stage to 3, 4 and 5 clusters, and all numbers of clusters of very many customers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from journey.aggregates.cluster_points import canonical, kept_customers, placed, scales_of
from journey.aggregates.customer_table import CustomerTable, Feature, Offer, customer_table
from journey.analysis.segments import Segments, grouped
from journey.events.log import EventLog
from journey.statistics.clustering import kmeans, silhouettes
from tests.bench.drag_ours import stage_map
from tests.bench.measure import report, timed

KS, JUDGED = (3, 4, 5), 2_000


def alike(folder: Path, repeats: int) -> None:
    """What retentioneering does: features from the log, k-means for 3 to 5, silhouettes of 2,000."""
    log, stages = EventLog.open(folder), stage_map()
    names = [f"journey.visits:{stage.id}" for stage in stages.stages]

    def work() -> Any:
        table = customer_table(log, stages, features=names)
        order = canonical(table, names, kept_customers(table, names)[0])
        points = placed(scales_of(table, names, order, logs=()), table, order)
        begun = {k: kmeans(points[:: max(1, len(points) // 5_000)], k).centres for k in KS}
        labels = [kmeans(points, k, begin=begun[k], settled=1e-4).labels for k in KS]
        sample = np.linspace(0, len(points) - 1, min(len(points), JUDGED)).astype(np.intp)
        told = silhouettes(points[sample], [one[sample] for one in labels])
        visits = [int(table.features[name].values.sum()) for name in names]
        return visits, [float(one.mean()) for one in told]

    cpu, wall, (visits, told) = timed(work, repeats)
    report(cpu=cpu, wall=wall, visits=visits, silhouettes=told)


def many(n: int, repeats: int) -> None:
    """Five features of `n` made-up customers of four kinds, for every number of clusters, and another one."""
    table = customers_of_four_kinds(n)

    def work() -> Segments:
        return grouped(table, tuple(table.features))

    cpu, wall, answer = timed(work, repeats)
    click, clicked, _ = timed(lambda: answer.at(7).table, 3)
    report(cpu=cpu, wall=wall, click=click, clicked=clicked, k=answer.k, verdict=answer.verdict)


def customers_of_four_kinds(n: int) -> CustomerTable:
    draw = np.random.default_rng(7)
    kind = draw.choice(4, n, p=(0.4, 0.3, 0.2, 0.1))
    middle, width = draw.normal(size=(4, 5)) * 2, draw.uniform(0.5, 1.2, (4, 5))
    drawn = middle[kind] + draw.normal(size=(n, 5)) * width[kind]
    forms = {"recency": "days", "frequency": "count", "monetary": "money", "age": "number", "score": "number"}
    found: dict[str, Feature] = {}
    for column, (name, form) in zip(drawn.T, forms.items(), strict=True):
        values = np.exp(column + 3).round() if form != "number" else column
        offer = Offer(f"attribute:{name}", "attributes", form, {"attribute": name})  # type: ignore[arg-type]
        found[offer.name] = Feature(offer, values, np.full(n, -1, dtype=np.int32))
    return CustomerTable(found, np.full(n, 10))


if __name__ == "__main__":
    if sys.argv[1] == "many":
        many(int(sys.argv[2]), int(sys.argv[3]))
    else:
        alike(Path(sys.argv[2]), int(sys.argv[3]))
