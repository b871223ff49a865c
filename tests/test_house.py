"""The rules of the house that no linter knows: twins, catalogues, plain pages, safe caches."""

import ast
import re
from pathlib import Path

import pytest

from journey import errors
from journey.i18n import LANGUAGES, catalogue, formats, holes
from journey.questions import QUESTIONS
from ui.navigation import PAGES

ROOT = Path(__file__).resolve().parents[1]
PAGE_FILES = sorted((ROOT / "pages").glob("*.py"))
SOURCES = [path for folder in ("journey", "ui", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
HANGUL = re.compile("[\uac00-\ud7a3]")
MARKUP = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\("
# Modules whose matter is Korean text itself.
KOREAN_MATTERS = {
    "journey/charts/lettering.py",
    "journey/events/masking.py",
    "journey/events/numbers.py",
    "journey/events/personal_shapes.py",
    "journey/events/quality.py",
    "journey/events/resident_numbers.py",
    "journey/events/time_words.py",
    "journey/events/times.py",
    "journey/i18n/formats.py",
    "journey/i18n/josa.py",
    "journey/sources/headers.py",
}


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path):
    return path.relative_to(ROOT).as_posix()


def modules(folder):
    return {path.stem for path in (ROOT / "journey" / folder).glob("*.py")} - {"__init__"}


# ---- twins -----------------------------------------------------------------------------------------------


def test_every_chart_draws_the_answer_of_the_same_name():
    for path in (ROOT / "journey" / "charts").glob("*.py"):
        charts = {node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)}
        drawn = {function.removesuffix("_chart") for function in charts if function.endswith("_chart")}
        assert drawn <= {path.stem}, f"{name(path)} draws {drawn}"
        assert drawn <= modules("analysis"), f"{name(path)} has no analysis of that name"


def test_every_analysis_has_its_tests():
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "analysis").glob("test_*.py")}
    assert modules("analysis") <= tests


def test_every_question_is_an_analysis_with_a_chart_a_page_and_a_place_in_the_navigation():
    listed = {page for section in PAGES.values() for page in section}
    for question, function in QUESTIONS.items():
        assert function.__module__ == f"journey.analysis.{question}"
        assert question in modules("charts")
        assert question in listed
    assert listed == {path.stem for path in PAGE_FILES}


def test_no_file_is_named_for_nothing():
    vague = {"utils", "helpers", "common", "misc"}
    assert not [name(path) for path in SOURCES if path.stem in vague or path.stem.startswith("part")]


def test_what_is_taken_from_a_module_of_the_interface_is_there():
    """Most of these are imported only when their page is opened, and no type checker reads them."""
    offered = {f"ui.{path.stem}": names_of(path) for path in (ROOT / "ui").glob("*.py")}
    for path in SOURCES:
        code, known = tree(path), {}
        for node in ast.walk(code):
            if isinstance(node, ast.ImportFrom) and node.module in offered:
                missing = {alias.name for alias in node.names} - offered[node.module]
                assert not missing, f"{name(path)} takes {missing} from {node.module}"
            if isinstance(node, ast.ImportFrom) and node.module == "ui":
                known |= {alias.name: f"ui.{alias.name}" for alias in node.names if not alias.asname}
                gone = {one for one in known.values() if one not in offered} - {"ui.components"}
                assert not gone, f"{name(path)} takes {gone}"
        own = {
            argument.arg
            for node in ast.walk(code)
            if isinstance(node, ast.arguments)
            for argument in of(node)
        }
        own |= {node.id for node in ast.walk(code) if isinstance(node, ast.Name) and not is_read(node)}
        for node in ast.walk(code):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = known.get(node.value.id) if node.value.id not in own else None
                assert module is None or node.attr in offered[module], f"{name(path)}: {ast.unparse(node)}"


def names_of(path):
    """What stands at the top of a module: defined, assigned or imported."""
    found = set()
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
        else:
            found |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and not is_read(one)}
            found |= {(one.asname or one.name) for one in ast.walk(node) if isinstance(one, ast.alias)}
    return found


def of(arguments):
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def is_read(node):
    return isinstance(node.ctx, ast.Load)


# ---- pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGE_FILES, ids=lambda path: path.stem)
def test_a_page_is_a_plain_script_without_words_or_data(path):
    page = tree(path)
    for node in ast.walk(page):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda), "a page defines nothing"
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not {"pandas", "numpy", "streamlit"} & set(imported), "no data, no widget"
        if isinstance(node, ast.Attribute):
            assert node.attr != "session_state"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node is not page.body[0].value:
            assert re.fullmatch(r"[a-z_.]+", node.value), f"{node.value!r} belongs into the catalogues"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40


# ---- words -----------------------------------------------------------------------------------------------


def catalogue_files(language):
    return sorted((ROOT / "journey" / "i18n" / language).glob("*.json"))


def test_both_languages_have_the_same_keys_with_the_same_holes():
    korean, english = catalogue("ko"), catalogue("en")
    assert korean.keys() == english.keys()
    different = {key for key in korean if holes(korean[key]) != holes(english[key])}
    assert not different


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_begins_with_the_name_of_its_file_and_stands_in_one_file_only(language):
    seen = set()
    for path in catalogue_files(language):
        pairs = re.findall(r'^\s*"([^"]+)":', path.read_text(encoding="utf-8"), re.M)
        assert len(pairs) == len(set(pairs)), f"a key stands twice in {name(path)}"
        assert all(key.split(".")[0] == path.stem for key in pairs), name(path)
        assert not seen & set(pairs)
        seen |= set(pairs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hole_has_a_form_that_exists(language):
    for key, sentence in catalogue(language).items():
        assert sentence.strip() == sentence and sentence, key
        for form in re.findall(r"\{\w+:([^{}]+)\}", sentence):
            assert form in formats.FORMATS or "|" in form or "/" in form, f"{key}: {form}"
        assert "/" not in "".join(re.findall(r"\{\w+:([^{}]+)\}", sentence)) or language == "ko", key


def test_korean_sentences_are_korean_and_english_ones_are_not():
    own_name = {"app.language_ko"}
    assert not [key for key, said in catalogue("en").items() if HANGUL.search(said) and key not in own_name]
    for key, said in catalogue("ko").items():
        without_holes = re.sub(r"\{[^{}]*\}", "", said)
        assert HANGUL.search(said) or not re.search("[A-Za-z]", without_holes) or key == "app.language_en", (
            key
        )


def test_every_error_has_its_sentence():
    classes = [getattr(errors, name) for name in errors.__all__ if name != "JourneyError"]
    codes = {f"errors.{cls.code}" for cls in classes}
    assert codes <= catalogue("ko").keys()


def test_every_key_that_the_code_names_exists():
    firsts = {path.stem for path in catalogue_files("en")}
    pattern = re.compile(r'(?<![\w.])"((?:' + "|".join(sorted(firsts)) + r')\.[a-z][a-z0-9_.]*)"')
    for path in SOURCES:
        for key in set(pattern.findall(path.read_text(encoding="utf-8"))) - FILES:
            known = key in catalogue("en") or key in KEYS_THAT_ARE_SETTINGS
            assert known, f"{name(path)} names {key}"


def test_every_key_is_said_somewhere():
    """A key, or what follows its file's name, stands in the code: whole, or as a pattern with holes."""
    whole, patterns = said_in_code()
    ends = ("_sessions", "_json", "")
    codes = {getattr(errors, one).code for one in errors.__all__}

    def is_said(key):
        file, rest = key.split(".", 1)
        # The names of the templates wait for their place on the board.
        if key.startswith("stages.template_"):
            return True
        if file == "errors" and any(rest.startswith(code) for code in codes):
            return True
        stems = {text.removesuffix(end) for text in (key, rest) for end in ends}
        return bool(stems & whole) or any(
            pattern.fullmatch(text) for text in (key, rest) for pattern in patterns
        )

    assert not [key for key in catalogue("en") if not is_said(key)]
    assert not is_said("charts.nobody_says_this")


def said_in_code():
    """Texts of the sources, and patterns for those with holes that have four letters of their own."""
    whole, holed = set(), set()
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                holed.add(tuple(parts))
    for path in (ROOT / "ui").rglob("*.js"):
        code = path.read_text(encoding="utf-8")
        whole |= set(re.findall(r"[\"'`.]([a-z]\w+)\b", code))
        for text in re.findall(r"`([^`]*\$\{[^`]*)`", code):
            fixed = re.split(r"\$\{[^}]*\}", text)
            holed.add(tuple(part for piece in fixed for part in (piece, None))[:-1])
    # Holes around the name of a file alone (f"charts.{key}") would say everything in it.
    files = {f"{path.stem}." for path in catalogue_files("en")}
    told = [parts for parts in holed if len("".join(part or "" for part in parts)) >= 4]
    told = [parts for parts in told if {part for part in parts if part} - files]
    return whole, [
        re.compile("".join(".+" if part is None else re.escape(part) for part in parts)) for parts in told
    ]


# Names of files and of remembered settings look like keys and are none.
SCRIPTS_AND_STYLES = {
    f"{name}.{end}" for name in ("board", "cell_list", "live", "presenter") for end in ("css", "js")
}
FILES = SCRIPTS_AND_STYLES | {"map_example.json", "notebook.html", "presenting.css", "samples.json"}
FLOWS = (
    "anchors before by expand expand_by group hide join least nodes occurrence opened pick repeats steps"
    " until way weight where where_at where_by"
)
KEYS_THAT_ARE_SETTINGS = {f"flows.{name}" for name in FLOWS.split()} | {"funnel.steps"}
KEYS_THAT_ARE_SETTINGS |= {"funnel.after", "funnel.drivers"}
KEYS_THAT_ARE_SETTINGS |= {"friction.view", "friction.view.", "friction.cause."}
KEYS_THAT_ARE_SETTINGS |= {"kpi.cards", "kpi.purchases", "kpi.view.", "kpi.view.mix", "kpi.view.open"}
KEYS_THAT_ARE_SETTINGS |= {"notebook.view.", "segments.view.", "rfm.view.", "overlap.view.", "personas.view."}
KEYS_THAT_ARE_SETTINGS |= {
    "personas.view.source",
    "personas.view.shown",
    "personas.view.target",
    "personas.open",
}
KEYS_THAT_ARE_SETTINGS |= {"kpi.clicks", "kpi.impressions", "kpi.view.box"}
KEYS_THAT_ARE_SETTINGS |= {
    f"segments.view.{name}" for name in ("method", "k", "look", "features", "draft", "saved")
}
KEYS_THAT_ARE_SETTINGS |= {"segments.pick", "segments.prepared", "segments.odd"}
KEYS_THAT_ARE_SETTINGS |= {
    f"rfm.{name}" for name in ("cuts", "mapping", "names", "own", "view.", "view.view")
}
# Features of customers have such names too.
KEYS_THAT_ARE_SETTINGS |= {f"rfm.{name}" for name in ("recency", "frequency", "monetary")}
KEYS_THAT_ARE_SETTINGS |= {f"rfm.view.{name}" for name in ("period", "steps", "fixed")}
KEYS_THAT_ARE_SETTINGS |= {"planner.", "planner.warn_"}
KEYS_THAT_ARE_SETTINGS |= {"overlap.view.draft", "overlap.view.look", "overlap.view.shown"}
KEYS_THAT_ARE_SETTINGS |= {f"experiments_register.{name}" for name in ("count", "open", "planning", "shown")}
KEYS_THAT_ARE_SETTINGS |= {"experiment.view."}
KEYS_THAT_ARE_SETTINGS |= {
    f"experiment.view.{name}"
    for name in ("attribute", "baseline", "box", "cuped", "cut", "metric", "part", "scale", "test")
}
KEYS_THAT_ARE_SETTINGS |= {"comparison.by", "comparison.experiment"}


def test_words_stand_in_the_catalogues():
    for path in SOURCES:
        if name(path) not in KOREAN_MATTERS:
            code = tree(path)
            told = [
                node.value
                for node in ast.walk(code)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and HANGUL.search(node.value)
            ]
            docs = {ast.get_docstring(node, clean=False) for node in ast.walk(code) if is_documented(node)}
            assert not [said for said in told if said not in docs], name(path)


def is_documented(node):
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)


# ---- safety ----------------------------------------------------------------------------------------------


def test_no_cache_hashes_a_table():
    """Streamlit hashes a sample of a large table, and hands out another one's answer for it."""
    plain = {"str", "str | None", "int", "bool"}
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and any(
                "cache_" in ast.unparse(d) for d in node.decorator_list
            ):
                for argument in [*node.args.args, *node.args.kwonlyargs]:
                    hashed = not argument.arg.startswith("_")
                    assert not hashed or ast.unparse(argument.annotation) in plain, (
                        f"{name(path)}: {node.name}"
                    )


def test_nothing_that_a_user_wrote_becomes_markup():
    for path in [*SOURCES, *sorted((ROOT / "ui").rglob("*.js"))]:
        code = path.read_text(encoding="utf-8")
        assert "unsafe_allow_html" not in code, name(path)
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", code), name(
            path
        )


def test_nothing_is_pickled_and_no_array_may_hold_what_is():
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            loose = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
            assert not {one.split(".")[0] for one in names} & loose, name(path)
            if isinstance(node, ast.Call) and re.search(
                r"\b(np|numpy)\.(load|save)$", ast.unparse(node.func)
            ):
                said = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert said.get("allow_pickle") == "False", name(path)
            if isinstance(node, ast.Call):
                assert not [word for word in node.keywords if word.arg == "persist"], name(path)


def test_data_is_kept_in_one_typed_session():
    touching = {name(path) for path in SOURCES if "st.session_state" in path.read_text(encoding="utf-8")}
    assert touching <= {"ui/session.py", "ui/main.py", "ui/components/board_queue/__init__.py"}


def test_a_broad_except_stands_once_and_logs():
    broad = []
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            ):
                reraises = isinstance(node.body[-1], ast.Raise)
                broad += [] if reraises else [(name(path), ast.unparse(node))]
    assert [place for place, _ in broad] == ["ui/problems.py"]
    assert "log.error" in broad[0][1]
