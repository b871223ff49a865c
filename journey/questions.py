"""Every question by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journey.analysis.comparison import comparison
from journey.analysis.conformance import conformance
from journey.analysis.drivers import drivers
from journey.analysis.experiment import experiment
from journey.analysis.flows import flows
from journey.analysis.friction import friction
from journey.analysis.funnel import funnel
from journey.analysis.kpi import kpi
from journey.analysis.overlap import overlap
from journey.analysis.personas import personas
from journey.analysis.reach import reach
from journey.analysis.retention import retention
from journey.analysis.rfm import rfm
from journey.analysis.routes import routes
from journey.analysis.segments import segments

__all__ = ["QUESTIONS"]

QUESTIONS: dict[str, Callable[..., Any]] = {
    "flows": flows,
    "funnel": funnel,
    "reach": reach,
    "friction": friction,
    "routes": routes,
    "conformance": conformance,
    "comparison": comparison,
    "drivers": drivers,
    "kpi": kpi,
    "retention": retention,
    "segments": segments,
    "rfm": rfm,
    "overlap": overlap,
    "personas": personas,
    "experiment": experiment,
}
