"""The arms of experiments on the pages of journeys: everyone assigned is counted, on every one alike."""

import pytest

from journey.aggregates.exposed import ARM
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.i18n import text
from journey.projects.incoming import Incoming
from journey.projects.store import Store
from journey.sources.files import read_table
from journey.stages.experiment_plan import Arm, Metric, Plan
from journey.stages.stage_map import StageMap
from ui.ask import ASSIGNED, ask, picked
from ui.words import literal

SOURCE = {"records": "배너"}
CHOICE = "experiment:records:배너"
STAGES = StageMap().add_stage("보기").add_stage("사기").place("방문", "s1").place("구매", "s2")
# 40 customers from n00 to n39, half of them in B; three of four of these buy, one of four in A.
# n38 and n39 do nothing after their exposure; x1 is in no log, and x2 in both arms.
BOUGHT = {n for n in range(38) if n % 4 == 0 or (n % 2 and n % 4 == 1) or n % 8 == 3}
EVENTS = [
    f"n{n:02d},{event},2024-05-{day:02d} 10:00:00,비밀{n % 2}zq"
    for n in range(40)
    for day, event in ((1, "방문"), (9, "방문"), (10, "구매"))
    if day == 1 or (n < 38 and (event == "방문" or n in BOUGHT))
]
RECORDS = [
    *(f"n{n:02d},배너,{'AB'[n % 2]},2024-05-05 09:00:00" for n in range(40)),
    "x1,배너,A,2024-05-05 09:00:00",
    "x2,배너,A,2024-05-05 09:00:00",
    "x2,배너,B,2024-05-05 09:00:00",
]
FILES = {
    "events.csv": ["회원번호,이벤트,일시,그룹", *EVENTS],
    "tests.csv": ["회원번호,실험,실험군,노출일시", *RECORDS],
}


@pytest.fixture
def project(home):
    incoming = []
    for name, lines in FILES.items():
        source = "\n".join(lines).encode()
        raw = read_table(source, name)
        choice = guess_table(raw).choice()
        incoming.append(Incoming(name, source, choice, cleaned(raw, choice), columns=()))
    assert incoming[1].choice.kind == "experiment"
    made = Store(home).create("shop")
    made.put_files(incoming, joined(made.parts(incoming)), stage_map=STAGES)
    return made.id


@pytest.fixture
def look(app, home, project):
    """The page with these settings."""

    def look_at(page, language="ko", demo=None, **settings):
        Store(home).open(project).apply({"op": "settings", "values": settings})
        at = app(language, page, project, **({"demo": "1"} if demo else {}))
        assert not at.error and not at.exception
        return at

    return look_at


def said(at):
    return [one.value.replace("\\", "") for parts in (at.markdown, at.caption) for one in parts]


def widget(elements, end):
    return next(one for one in elements if end in (one.key or ""))


def table(at, first):
    return next(one.value for one in at.dataframe if one.value.columns[0] == first)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_arms_are_two_groups_of_all_who_were_assigned(look, language):
    at = look("comparison", language, **{"comparison.by": "arm"})
    assert widget(at.selectbox, "comparison.arm_a").value == "B"
    assert widget(at.selectbox, "comparison.arm_b").value == "A"
    sizes = {"a": text("journeys.arm", language, name="B"), "b": text("journeys.arm", language, name="A")}
    assert literal(text("journeys.group_sizes", language, n_a=20, n_b=21, **sizes)).replace("\\", "") in said(
        at
    )
    assert any(text("journeys.descriptive", language) in words for words in said(at))
    assert any(text("journeys.note_since", language, name="배너") in words for words in said(at))
    glance = table(at, text("column.figure", language))
    bought = [len([n for n in BOUGHT if n % 2 == arm]) for arm in (1, 0)]
    first = text("comparison.measure_conversion", language, stage="사기")
    row = glance[glance.iloc[:, 0] == first].iloc[0]
    assert f"({bought[0]}/20)" in row.iloc[1] and f"({bought[1]}/21)" in row.iloc[2]
    if language == "ko":  # outside of a run the test has no other language than English
        return
    # Who of them bought can be picked, as many as the figure says, and is no rule about all that they did.
    picked = widget(at.selectbox, "comparison.measure")
    picked.set_value(("conversion", "사기", "a")).run()
    assert not at.exception and any(one.value == str(bought[0]) for one in at.metric)
    assert not any("segment_keep" in (one.key or "") for one in at.button)


def test_without_the_switch_all_rows_count_and_no_period_cuts_those_who_were_assigned(look):
    narrow = {"period": ["2024-05-09", "2024-05-10"], "comparison.by": "arm", "comparison.since": False}
    at = look("comparison", **narrow)
    glance = table(at, text("column.figure", "ko"))
    first = text("comparison.measure_reach", "ko", stage="보기")
    row = glance[glance.iloc[:, 0] == first].iloc[0]
    assert "(20/20)" in row.iloc[1] and "(20/21)" in row.iloc[2]
    lines = " ".join(said(at))
    assert text("journeys.since_off", "ko") in lines and text("journeys.no_period", "ko") in lines


def test_the_funnel_divides_by_all_who_were_assigned(look):
    at = look("funnel", "en", **{"funnel.by": CHOICE})
    found = table(at, text("column.name", "en"))
    arm_a, arm_b = (text("journeys.arm", "en", name=name) for name in "AB")
    assert list(found.columns[1:3]) == [arm_a, arm_b]
    assert found[arm_a].str.extract(r"\((.*)\)")[0].tolist() == [
        "19/21",
        f"{len([n for n in BOUGHT if n % 2 == 0])}/21",
    ]
    assert found[arm_b].str.extract(r"\((.*)\)")[0].str.endswith("/20").all()
    assert any(text("journeys.only", "en", name="배너") in words for words in said(at))


def test_flows_stand_side_by_side_arm_by_arm(look):
    at = look("flows", "en", **{"flows.by": CHOICE})
    shown = [words for words in said(at) if words.startswith(("**A**", "**B**"))]
    assert [words.split(" · ")[1] for words in shown] == [
        text("journeys.shown_customers", "en", n=19, of=21),
        text("journeys.shown_customers", "en", n=19, of=20),
    ]
    assert len(at.get("vega_lite_chart")) == 3
    # From the first step on the ribbons have those who are in it, whoever is listed.
    box = widget(at.selectbox, "flows.pick")
    box.select_index(0).run()
    assert not at.exception and at.metric[0].value in box.options[0]
    assert not any("segment_keep" in (one.key or "") for one in at.button)


def test_a_rule_can_be_about_an_arm_and_segments_begin_with_one(look):
    rule = {"all": [{"arm": {"experiment": SOURCE, "arm": "A"}}]}
    at = look("overlap", "en", **{"overlap.view.draft": {"rule": rule}})
    assert widget(at.selectbox, "rule.0.arm").options == ["A", "B"]
    assert any(one.value == "20" for one in at.metric)
    named = text("journeys.arm_of", "en", experiment="배너", arm="B")
    at = look("overlap", "en", **{"overlap.view.draft": None})
    assert any(one.label == named for one in at.button)
    assert any(words.endswith(named) for words in widget(at.selectbox, "rule.add.").options)


def test_demo_mode_says_no_value_that_it_hides(look, home, project):
    plan = {"source": {"attribute": "그룹"}, "name": "비밀 실험"}
    settings = {"experiment.0123456789ab": {"at": "2024-06-01T00:00:00+00:00", "by": ""}}
    settings |= {f"experiment.0123456789ab.plan.{name}": value for name, value in plan.items()}
    settings |= {
        "demo.hidden": {"그룹": True},
        "comparison.by": "arm",
        "comparison.experiment": "experiment:attribute:그룹",
    }
    settings |= {"flows.by": "experiment:attribute:그룹", "funnel.by": "experiment:attribute:그룹"}
    for page in ("comparison", "flows", "funnel", "overlap"):
        at = look(page, demo=True, **settings)
        words = str(
            [
                *said(at),
                *(one.options for one in at.selectbox),
                *(one.value.to_csv() for one in at.dataframe),
                *(one.label for one in at.button),
            ]
        )
        assert "zq" not in words, page
        if page == "comparison":
            assert text("demo.value", "ko") in words
        settings = {}


ONE_SIDE = {"그룹": ["비밀1zq"]}
BUYERS = {
    "segment.0123456789ab": {"name": "산 고객", "rule": {"did": {"event": "구매"}}},
    "segment": "0123456789ab",
}


@pytest.mark.parametrize(
    ("source", "filters", "demo_too"),
    [
        (SOURCE, {"period": ["2024-05-09", "2024-05-09"]}, False),
        ({"attribute": "그룹"}, {"where": ONE_SIDE}, False),
        (SOURCE, {"demo.hidden": {"그룹": True}, **BUYERS}, True),
        ({"attribute": "그룹"}, {"demo.hidden": {"그룹": True}, **BUYERS}, True),
    ],
    ids=["records of a period", "attribute of some", "records of a segment", "attribute of a segment"],
)
def test_an_arm_has_one_size_and_one_number_of_conversions_on_every_page(
    look, monkeypatch, source, filters, demo_too
):
    metric = Metric("bought", "conversion", {"stage": "s2"})
    arms = "AB" if "records" in source else ("비밀0zq", "비밀1zq")
    plan = Plan(source=source, arms=tuple(map(Arm, arms)), metrics=(metric,)).to_json()
    found = {}

    def everywhere(*_):
        """What the pages ask, in one session: of each arm how many are in it, and how many of them bought."""
        result = ask("experiment", plan=plan)
        labels = [one.label for one in result.plan.arms]
        found["result"] = [(int(row.n), round(row.numerator)) for row in result.table.itertuples()]
        along = result.stages[result.stages["stage"] == "사기"]
        found["stages"] = list(zip(along["assigned"], along["reached"], strict=True))
        found["split"] = result.split["assigned"].tolist()
        found["people"] = [
            tuple(
                one.n_customers + sum(note.values["n"] for note in one.notes)
                for one in (
                    ask("arm_people", plan=plan, arm=label, box="all"),
                    ask("arm_people", plan=plan, arm=label, box="yes", metric="bought"),
                )
            )
            for label in labels
        ]
        own = {"experiment": source, "since": True}
        steps = ask("funnel", steps=["s2"], by=ARM, base=labels[0], **{ASSIGNED: own}).compared
        sizes = {row.value: (row.n, row.customers) for row in steps.itertuples()}
        found["funnel"] = [sizes.get(label, (0, 0)) for label in labels]
        rules = [{"arm": {"experiment": source, "arm": arm}} for arm in arms]
        measures = ask("comparison", a=rules[1], b=rules[0], **{ASSIGNED: own}).measures
        row = measures[(measures["measure"] == "conversion") & (measures["stage"] == "사기")].iloc[0]
        found["comparison"] = [(row[f"n_{side}"], row[f"customers_{side}"]) for side in "ba"]
        each = [{ASSIGNED: {**own, "arm": arm}} for arm in arms]
        found["reach"] = [
            (one.n_customers, one.table.set_index("stage").loc["사기", "customers"])
            for one in (ask("reach", **alone) for alone in each)
        ]
        found["flows"] = [ask("flows", **alone).n_customers for alone in each]
        found["rule"] = [int(picked(rule).sum()) for rule in rules]

    monkeypatch.setattr("ui.experiment.result", everywhere)
    look("experiment", demo=demo_too, **filters)
    sizes = [n for n, _ in found["result"]]
    for page in ("stages", "people", "funnel", "comparison", "reach"):
        assert found[page] == found["result"], page
    assert found["split"] == found["flows"] == sizes
    # A rule is about the rows that the filters leave: a period cuts there, as in every segment.
    assert found["rule"] == sizes or "period" in filters
    assert sum(sizes) and sum(hit for _, hit in found["result"])


def test_nothing_is_decided_on_by_a_part_of_those_assigned(look):
    for filters, is_part in (({}, False), (BUYERS, True)):
        at = look("experiment", **filters)
        assert any(text("arms.decide_part", "ko") in words for words in said(at)) == is_part
        assert any(str(one.key).startswith("experiment_decide") for one in at.button) != is_part
