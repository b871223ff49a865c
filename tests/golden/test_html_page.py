"""The page of an answer as a file, without the library and the drawings, which have files of their own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pandas as pd
import pytest

from journey.analysis.reach import reach
from journey.charts.reach import reach_chart
from journey.events.log import EventLog
from journey.reports.html import html_page
from journey.stages.stage_map import StageMap

FOLDER = Path(__file__).parent
SAID = {
    "ko": ("도달과 이탈", "어디까지 오나요?", "이렇게 나눠요.", ("프로젝트", "쇼핑몰 <A&B>")),
    "en": ("Reach", "How far do they come?", "Divided so.", ("Project", "Shop <A&B>")),
}


def told(language: str) -> str:
    title, lead, counted, fact = SAID[language]
    times = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-03-01"])
    log = EventLog.from_frame(
        pd.DataFrame({"customer": ["a", "a", "b"], "event": ["v", "p", "v"], "time": times})
    )
    stages = StageMap().add_stage("A <b>&").add_stage("B")
    stages = stages.place("v", stages.named("A <b>&").id).place("p", stages.named("B").id)
    answer = reach(log, stages)
    page = html_page(
        answer,
        reach_chart,
        answer.table[["stage", "customers", "share"]],
        language=language,
        title=title,
        lead=lead,
        counted=counted,
        facts=[fact],
        shares={"share"},
    ).decode()
    page = re.sub(r"(?s)(<script[^>]*>).*?(</script>)", r"\1…\2", page)
    return re.sub(r"(sha256-|base64,)[\w+/=]+", r"\1…", page)


@pytest.mark.parametrize("language", SAID)
def test_the_page_is_as_reviewed(language):
    file = FOLDER / f"reach_{language}.html"
    now = told(language) + "\n"
    if os.environ.get("JOURNEY_GOLDEN") == "1":
        file.write_text(now, encoding="utf-8")
    assert now == file.read_text(encoding="utf-8")
