"""The people behind what is picked on the pages of retention are as many as it says."""

import re

import numpy as np

from journey.analysis.drivers import drivers
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.projects.incoming import Incoming
from journey.projects.store import Store
from journey.sources.files import read_table
from tests.analysis.logs import event_log, stage_map
from tests.analysis.oracle import Row
from ui.drivers import can_be_picked

BARS = [
    ("lifecycle", "2024-03-11 · New"),
    ("lifecycle", "2024-03-11 · Came again"),
    ("lifecycle", "2024-03-11 · Came back after a break"),
    ("lifecycle", "2024-03-11 · Came the period before, not then"),
    ("churn", "2024-03-11 · Stayed away"),
    ("repurchase", "Bought again within 60 days of the first purchase"),
    ("path", ""),
]


def test_a_bar_of_retention_opens_as_many_customers_as_it_counts(app, sample_project):
    project = sample_project("en")
    at = app("en", "retention", project)
    for view, line in BARS:
        at.button_group[0].set_value(view).run()
        box = at.selectbox(key=f"{project}.retention.pick")
        label = next(one for one in box.options if one.startswith(line))
        box.select(label).run()
        assert not at.exception and not at.error
        assert at.metric[0].value == re.search(r"([\d,]+) (customers|of)", label)[1], line


def test_who_gave_the_answers_of_a_card_is_told_apart_by_how_they_answered(app, home):
    days = [f"2024-05-{day:02} 10:30:00" for day in range(1, 29)]
    files = {
        "events.csv": ["id,event,time", *(f"C{n},visit,{day}" for n, day in enumerate(days))],
        "survey.csv": [
            "id,time,NPS,comment",
            # Seven promote, six of them twice; one of the eight who do not is a stranger.
            *(f"C{n},{days[n]},10,good" for n in range(14, 21)),
            *(f"C{n},{days[27]},9,good" for n in range(14, 20)),
            *(f"C{n},{days[n]},2,bad" for n in range(21, 28)),
            f"X9,{days[27]},0,bad",
        ],
    }
    incoming = []
    for name, lines in files.items():
        source = "\n".join(lines).encode()
        raw = read_table(source, name)
        choice = guess_table(raw).choice()
        incoming.append(Incoming(name, source, choice, cleaned(raw, choice), columns=()))
    project = Store(home).create("answers")
    project.put_files(incoming, joined(project.parts(incoming)))
    project.apply({"op": "settings", "values": {"period": ["2024-05-15", "2024-05-28"]}})
    at = app("en", "kpi", project.id)
    next(one for one in at.button if (one.key or "").startswith("kpi_people_nps")).click().run()
    whose = next(one for one in at.button_group if "Promoters: 13" in one.options)
    assert whose.options == ["Promoters: 13", "Passives: 0", "Detractors: 8"]

    def told():
        assert not at.exception and not at.error
        words = [one.value for one in at.caption if "answers" in one.value]
        return next(one.value for one in at.metric if one.label == "Customers"), words

    assert told() == ("7", ["13 answers by 7 customers; one customer can answer several times."])
    whose.set_value("low").run()
    n, words = told()
    assert n == "7" and words[0].startswith("8 answers: 1 by nobody known")


def test_features_of_an_outcome_that_nobody_reached_are_no_picture_to_pick_from():
    found = [Row(f"c{who}", "보기", minute, None, None) for who in range(8) for minute in (0, 9)]
    log, stages = (
        event_log([*found, *(Row(f"c{who}", "찜", 0, None, None) for who in range(4))]),
        stage_map({}),
    )
    rule = np.zeros(log.n_customers, dtype=bool)
    nobody, some = (
        drivers(log, stages, outcome="rule", rule=flags, least=1)
        for flags in (rule, log.offsets[1:] % 3 == 0)
    )
    assert len(nobody.table) and not can_be_picked(nobody)
    assert can_be_picked(some)
