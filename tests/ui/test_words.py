"""A name is shown to the letter wherever Markdown is read."""

import pytest

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
