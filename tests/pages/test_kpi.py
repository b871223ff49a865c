"""The KPI board on its page: what went down is never shown as an increase."""

from streamlit.proto.Metric_pb2 import Metric

from journey.projects.store import Store

Direction, Color = Metric.MetricDirection, Metric.MetricColor


def test_arrows_and_colours_say_what_the_figures_say(app, sample_project, home):
    project = sample_project("ko")
    Store(home).open(project).apply(
        {"op": "settings", "values": {"period": ["2024-05-01", "2024-05-28"], "goal.conversion": 0.5}}
    )
    at = app("ko", "kpi", project)
    assert not at.error
    shown = {one.label: one for one in at.metric}
    clear = [one for one in shown.values() if one.proto.direction != Direction.NONE]
    assert clear and len(clear) < len(shown)
    for one in clear:
        assert (one.proto.direction == Direction.DOWN) == one.delta.startswith("-"), one.label
    assert not any("-" in one.delta for one in shown.values() if one not in clear)
    churn = next(one for label, one in shown.items() if label.endswith("이탈률"))
    assert churn.proto.color == Color.RED and churn.delta.startswith("+")
    assert any("목표 50" in caption.value for caption in at.caption)
