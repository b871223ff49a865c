"""The people behind what is picked on the pages of retention are as many as it says."""

import re

BARS = [
    ("lifecycle", "2024-03-11 · New"),
    ("lifecycle", "2024-03-11 · Came again"),
    ("lifecycle", "2024-03-11 · Came back after a break"),
    ("lifecycle", "2024-03-11 · Came the period before, not then"),
    ("churn", "2024-03-11 · Stayed away"),
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
        assert at.metric[0].value == re.search(r"([\d,]+) customers", label)[1], line
