"""What was deleted is in no cache, and the tabs that had it open are told."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from journey.errors import JourneyError
from journey.i18n import text
from journey.projects.store import Store
from ui import logs, removal

ROOT = Path(__file__).resolve().parents[2]


def cached_by_project():
    """Modules with a cached function that is asked by a project's id."""
    for path in sorted((ROOT / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and "project_id" in {one.arg for one in node.args.args}:
                decorators = map(ast.unparse, node.decorator_list)
                yield from ((path.stem, node.name) for decorator in decorators if "cache" in decorator)


def test_every_cache_that_knows_projects_is_emptied():
    listed = {
        (module.__name__.removeprefix("ui."), cached.__name__)
        for module in removal._MODULES
        for cached in removal._of_projects(module)
    }
    assert listed >= set(cached_by_project())
    assert ("logs", "log") in listed


def opened(project, page="stages"):
    at = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    at.query_params["project"] = project
    at.query_params["lang"] = "en"
    return at.switch_page(f"../pages/{page}.py").run()


@pytest.fixture
def project(home):
    at = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    at.query_params["lang"] = "en"
    at.run()
    at.button(key="sample.shop").click().run()
    return at.query_params["project"]


def deleting():
    from ui import removal, session

    session.current().owner = session.person_here().key
    session.put(f"{session.current().project_id}.order", "x")
    session.put("elsewhere.order", "x")
    removal.remove(session.current().project_id)


def test_a_deleted_project_is_out_of_memory_and_its_other_tabs_are_shown_the_way_home(home, project):
    other = opened(project, "reach")
    assert not other.exception and not other.error
    fingerprint = Store(home).open(project).state.data.name
    assert logs.log(project, fingerprint).n_rows
    tab = AppTest.from_function(deleting)
    tab.query_params["project"] = project
    tab.run()
    assert not tab.exception
    assert "project" not in tab.query_params
    kept = tab.session_state
    assert "elsewhere.order" in kept and f"{project}.order" not in kept
    # Outside of a tab nobody may read it anew, so that only a cache could answer.
    with pytest.raises(JourneyError):
        logs.log(project, fingerprint)
    other.run()
    assert not other.exception
    assert [error.value for error in other.error] == [text("errors.project_missing", "en")]
    assert "project" not in other.query_params
    assert not other.run().error
