"""What the README and the guides say is what the app has: variables, kinds of files, words on the screen."""

import re
from pathlib import Path

import pytest

from journey.i18n import catalogue
from journey.questions import QUESTIONS
from journey.sources.limits import VARIABLES, Limits
from ui.login_settings import VARIABLES as LOGIN_VARIABLES

ROOT = Path(__file__).resolve().parents[1]
READMES = {"ko": "README.ko.md", "en": "README.md"}
DEPLOY = {"ko": "docs/deploy.ko.md", "en": "docs/deploy.en.md"}
GUIDES = {"ko": "docs/guide.ko.md", "en": "docs/guide.en.md"}
# Where projects are kept is no limit.
OTHER_VARIABLES = {"JOURNEY_HOME"}
# What the guides stress without it being a whole label; the button that moves all says how many there are,
# and of marks in texts one is shown.
STRESSED = {
    "ko": {"예시", "개인정보", "규칙", "모두 옮기기", "굵게"},
    "en": {"sample", "Personal data", "template", "rule", "goal", "Move all", "bold"},
}
KINDS = re.compile(r"CSV|TSV|TXT|gz|JSON|XLS[XMB]?|ODS|HTML|Parquet|ZIP", re.I)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", READMES)
def test_the_readme_lists_every_limit_with_its_default(language):
    page = read(READMES[language])
    rows = re.findall(r"^\| `(JOURNEY_\w+)` \| (\d+) \| \S.* \|$", page, re.M)
    defaults = {name: getattr(Limits(), field) // unit for name, (field, unit) in VARIABLES.items()}
    assert {name: int(value) for name, value in rows} == defaults
    assert len(rows) == len(defaults)
    assert set(re.findall(r"JOURNEY_[A-Z_]+", page)) == set(VARIABLES) | OTHER_VARIABLES


@pytest.mark.parametrize("language", READMES)
def test_the_readme_lists_every_question_of_the_command_line(language):
    (line,) = (line for line in read(READMES[language]).splitlines() if "`flows`, `reach`" in line)
    listed = re.findall(r"`([a-z]+)`", line)
    assert sorted(set(listed) & set(QUESTIONS)) == sorted(QUESTIONS)


def test_streamlit_takes_files_of_the_size_that_is_read():
    largest = re.search(r"^maxUploadSize = (\d+)$", read(".streamlit/config.toml"), re.M)
    assert int(largest[1]) << 20 == Limits().bytes
    for page in READMES.values():
        assert "maxUploadSize" in read(page)


@pytest.mark.parametrize("language", READMES)
def test_every_kind_of_file_that_is_named_is_one_of_the_uploader(language):
    """The tables of kinds in the README and in the guide, and the list beside the place to drop files."""
    offered = {kind.upper() for kind in KINDS.findall(catalogue(language)["bring.drop_help"])}
    for page in (READMES[language], GUIDES[language]):
        table = re.search(r"((?:^\|.*\n)+)(?=\n)", read(page)[read(page).index("| CSV, TSV") - 20 :], re.M)[1]
        assert {kind.upper() for kind in KINDS.findall(table)} == offered, page


@pytest.mark.parametrize("language", GUIDES)
def test_every_word_that_the_guide_stresses_is_a_word_on_the_screen(language):
    words = set(catalogue(language).values())
    stressed = set(re.findall(r"\*\*(.+?)\*\*", read(GUIDES[language])))
    assert stressed - words <= STRESSED[language]


@pytest.mark.parametrize("language", GUIDES)
def test_the_guide_names_the_six_kinds_of_table_as_the_screen_does(language):
    rows = re.findall(r"^\| ([^|]+) \|", read(GUIDES[language]), re.M)
    for kind in ("events", "orders", "survey", "reviews", "experiment", "customers"):
        assert catalogue(language)[f"bring.kind_{kind}"].casefold() in {row.casefold() for row in rows}


@pytest.mark.parametrize("page", DEPLOY.values())
def test_the_page_for_teams_lists_every_variable_of_the_login_and_files_that_are_there(page):
    rows = re.findall(r"^\| `([A-Z_]+)` \|", read(page), re.M)
    login = [name for name in rows if name.startswith("JOURNEY_LOGIN") or name in LOGIN_VARIABLES]
    assert set(login) == set(LOGIN_VARIABLES)
    named = set(re.findall(r"\]\(\.\./(deploy/[^)]+)\)", read(page)))
    assert named == {f"deploy/{path.name}" for path in (ROOT / "deploy").iterdir()} - {
        "deploy/Dockerfile.dockerignore"
    }


def test_both_pages_for_teams_are_alike():
    korean, english = map(read, DEPLOY.values())
    for mark in ("#+ ", "- ", r"\| ", "```"):
        assert len(re.findall(f"^{mark}", korean, re.M)) == len(re.findall(f"^{mark}", english, re.M)), mark
    tried = [re.findall(r"\((해 봄|해 보지 못함|tried|not tried)\)", page) for page in (korean, english)]
    assert [word in ("해 봄", "tried") for word in tried[0]] == [word == "tried" for word in tried[1]]


def test_the_guides_and_the_numbers_are_alike_in_both_languages():
    korean, english = map(read, GUIDES.values())
    for mark in ("#+ ", "- ", r"\| "):
        counts = [len(re.findall(f"^{mark}", page, re.M)) for page in (korean, english)]
        assert counts[0] == counts[1], mark
    korean, english = read("docs/numbers.md").split("\n# English\n")
    for mark in ("## ", "### ", "- (?:식|Formula|법칙|Law):", "- (?:근거|Source)"):
        counts = [len(re.findall(f"^{mark}", half, re.M)) for half in (korean, english)]
        assert counts[0] == counts[1], mark


def test_every_decision_has_a_number_of_its_own():
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_test_that_the_page_on_reliability_names_is_there():
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", read("docs/reliability.md")))
    assert len(named) > 40
    assert [f"{file}::{test}" for file, test in sorted(named) if f"def {test}(" not in read(file)] == []
