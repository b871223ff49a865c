from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pandas as pd
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.findings import Finding
from journey.reports import html
from journey.reports.html import html_page
from tests.endurance import examples
from tests.hostile import NAMES


@dataclass(frozen=True)
class Answer:
    name: str

    @property
    def finding(self):
        return Finding("controls.where", {"attribute": self.name, "values": self.name})

    @property
    def notes(self):
        return (self.finding,)


class Chart:
    """A drawing of nothing but a name."""

    def __init__(self, answer, *, language, dark):
        self.spec = {"description": answer.name, "datasets": {"a": [{"name": answer.name, "dark": dark}]}}

    def to_dict(self):
        return self.spec


class Read(HTMLParser):
    """What a browser makes of a page: its elements, and the text of each."""

    def __init__(self, page: bytes):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.attributes, self._open = [], {}, [], []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes.append((tag, dict(attrs)))
        self._open.append(tag)
        self.texts.setdefault(tag, []).append("")
        if tag in ("meta", "img"):
            self._open.pop()

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open:
            self.texts[self._open[-1]][-1] += data


@pytest.fixture(scope="module")
def drawn():
    """Without the picture and the library, which have nothing of a name, a page takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "render", lambda chart, format: b"<svg/>")
        patch.setattr(html, "_bundle", lambda: "window.vegaEmbed = () => 0;")
        yield


def page(name, language="ko"):
    table = pd.DataFrame({name: [name, "b"], "n": [1234, -5], "share": [0.25, float("nan")]})
    return html_page(
        Answer(name),
        Chart,
        table,
        language=language,
        title=name,
        lead=name,
        counted=name,
        facts=[(name, name)],
        shares={"share"},
    )


def told(name, read):
    """Where a name stands, as read; the sentence says it twice."""
    sentence = f"{name}: {name}"
    return {
        "title": [name] == read.texts["title"],
        "h1": [name] == read.texts["h1"],
        "th": read.texts["th"][0] == name,
        "td": read.texts["td"][0] == name,
        "p": read.texts["p"][:2] == [name, sentence],
        "li": read.texts["li"] == [sentence],
        "dl": (read.texts["dt"], read.texts["dd"]) == ([name], [name]),
    }


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_stands_to_the_letter_and_makes_no_element(drawn, name, language):
    plain, read = Read(page("plain", language)), Read(page(name, language))
    assert read.elements == plain.elements
    assert [sorted(attributes) for _, attributes in read.attributes] == [
        sorted(attributes) for _, attributes in plain.attributes
    ]
    assert not [where for where, right in told(name, read).items() if not right]


# A page knows one line end, and neither NUL nor halves of characters; readers drop some others. The other
# columns of the table have their names already.
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("<>&\"'/\\{}%-!\u2028\u2029"),
    min_size=1,
    max_size=20,
).filter(lambda name: name not in ("n", "share"))


@settings(max_examples=examples(24))
@given(TEXT)
def test_any_text_comes_back_from_the_page_and_from_the_chart(drawn, name):
    read = Read(page(name))
    assert not [where for where, right in told(name, read).items() if not right]
    block = read.texts["script"][0]
    assert not re.search("[<>&\u2028\u2029]", block)
    (specs,) = json.loads(block)
    assert specs["light"]["datasets"]["a"] == [{"name": name, "dark": False}]
    assert specs["dark"]["datasets"]["a"] == [{"name": name, "dark": True}]


@pytest.mark.parametrize("odd", ["\x00", "\r", "\x0b", "\uffff"])
def test_what_no_page_can_carry_stops_nothing(drawn, odd):
    assert b"</html>" in page(f"a{odd}b")


def test_only_the_two_scripts_of_ours_may_run_and_nothing_may_be_fetched(drawn):
    read = Read(page("a"))
    (policy,) = (a["content"] for tag, a in read.attributes if "http-equiv" in a)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in read.texts["script"][1:]
    ]
    assert len(digests) == 2 and rules["script-src"].split() == digests
    assert (rules["default-src"], rules["img-src"], rules["base-uri"]) == ("'none'", "data:", "'none'")
    assert "connect-src" not in rules and "font-src" not in rules
    for _, attributes in read.attributes:
        assert not {"href", "srcset", "action", "onload"} & set(attributes)
        assert attributes.get("src", "data:").startswith("data:")


def test_the_library_fits_into_a_script_and_a_mail():
    library = vl_convert.javascript_bundle()
    assert not re.search("<!--|</script|<script", library, re.IGNORECASE)
    assert len(library) < 1_500_000


def test_figures_are_written_for_readers_and_long_tables_say_so(drawn):
    read = Read(page("a"))
    assert read.texts["td"] == ["a", "1,234", "25.0%", "b", "-5", "–"]
    long = html_page(Answer("a"), Chart, pd.DataFrame({"n": range(1500)}), language="en", title="a")
    assert Read(long).texts["td"][-1] == "999"
    assert "The first 1,000 of 1,500 rows." in long.decode()


def test_figures_below_one_keep_the_digits_that_count(drawn):
    table = pd.DataFrame({"p": [0.0031772, 8.86e-6, 0.2576], "difference": [-0.1257, 10114.31, 2.04]})
    read = Read(html_page(Answer("a"), Chart, table, language="en", title="a"))
    assert read.texts["td"] == ["0.00318", "-0.126", "8.86e-06", "10,114.3", "0.258", "2.0"]
