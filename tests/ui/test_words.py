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
    links = {"step": [1], "source": ["A"], "source_kind": ["stage"], "target": ["exit"], "target_kind": ["exit"]}
    said = worded(pd.DataFrame({**links, "customers": [1]}), "ko")
    assert list(said.columns) == ["걸음", "출발", "도착", "종류", "고객 수"]
    assert said.iloc[0].tolist() == [1, "A", "이탈", "이탈", 1]
