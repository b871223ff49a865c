import pytest

from journey.analysis.conformance import conformance
from journey.charts.conformance import conformance_chart
from journey.stages.stage_map import StageMap
from tests.analysis.logs import event_log
from tests.analysis.oracle import Row

WENT = ["보기 담기 사기", "보기 사기", "보기 담기 보기", "보기", "담기 사기"]


def answer_of(names, n=40, order=(), went=WENT):
    found = [
        Row(f"{way}{one:02}", event, minute)
        for way, events in enumerate(went)
        for one in range(n)
        for minute, event in enumerate(events.split())
    ]
    stages = StageMap()
    for name, event in zip(names, ("보기", "담기", "사기"), strict=True):
        stages = stages.add_stage(name)
        stages = stages.place(event, stages.named(name).id)
    return conformance(event_log(found), stages, steps=order)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_ways_and_deviations_stand_with_their_numbers(language):
    spec = conformance_chart(
        answer_of(["인지", "고려 <b>*x*</b>\n줄", "구매"]), language=language, dark=True
    ).to_dict()
    data = spec["datasets"]
    said = " ".join(row["text"] for row in data["words"])
    assert "25.0%" in said and "고려 <b>*x*</b> 줄" in said and "\n" not in said
    # Five ways, three deviations, and the line of no difference beside the one that is compared.
    assert len(data["bars"]) == 5 + 3 + len(data["dots"]) and len(data["dots"]) == 1
    for row in data["bars"]:
        assert row["x_f"] * 366 + row["x_p"] <= row["x2_f"] * 366 + row["x2_p"] <= 366


def test_nobody_who_began_is_a_sentence():
    answer = answer_of(["a", "b", "c"], order=["c", "a"], went=["보기 담기"])
    assert answer.n_began == 0
    spec = conformance_chart(answer, language="en").to_dict()
    assert [row["text"] for row in spec["datasets"]["words"]] == [
        "Nobody began with the first step of the order."
    ]
