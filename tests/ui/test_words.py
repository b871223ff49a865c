"""A name is shown to the letter wherever Markdown is read, and a download speaks the tab's language."""

import pandas as pd
import pytest

from journey.i18n import text
from ui.tables import worded
from ui.words import literal


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a:b", r"a\:" + "\u2060b"),
        (":smile:", "\\:\u2060smile\\:\u2060"),
        ("www.evil.example", "www\u2060\\.evil\\.example"),
        ("me@evil.example", "me@\u2060evil\\.example"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("[x](y) <b> $z$ `c`", r"\[x\]\(y\) \<b\> \$z\$ \`c\`"),
    ],
)
def test_nothing_in_a_name_is_markdown(name, shown):
    assert literal(name) == shown


def test_a_table_speaks_the_language_that_it_is_given_where_there_is_no_tab():
    link = {"step": 1, "source": "A", "source_kind": "stage", "target": "", "target_kind": "exit"}
    shown = worded(pd.DataFrame([{**link, "customers": 1, "share": 1 / 3}]), "ko")
    names = ("step", "source", "target", "kind", "customers", "share")
    assert list(shown.columns) == [text(f"column.{name}", "ko") for name in names]
    assert shown.iloc[0].tolist() == [1, "A", *[text("charts.kind_exit", "ko")] * 2, 1, 0.333333]
