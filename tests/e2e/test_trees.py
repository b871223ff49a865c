"""The board can be dragged where the project is only unpacked, and where its package is installed as well."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ..test_trees import installed, unpacked  # noqa: F401 - `installed` is a fixture
from .browser import open_sample, serve, settled
from .test_main_job import drag


@pytest.mark.parametrize("way", ["unpacked", "installed"])
def test_a_card_is_dragged_in_either_tree(tmp_path, open_page, monkeypatch, request, way):
    tree = unpacked(tmp_path / "tree")
    if way == "installed":
        monkeypatch.setenv("PYTHONPATH", str(request.getfixturevalue("installed")))
    with serve(tree / "app.py", tmp_path / "home", cwd=tree) as address:
        page = open_page(address)
        settled(page)
        open_sample(page)
        drag(page, "장바구니 담기", "구매")
        expect(page.locator('.strip .col[aria-label="구매"] [data-event="장바구니 담기"]')).to_be_visible()
        expect(page.locator(".status")).to_have_text("저장됨")
        page.reload()
        settled(page)
        expect(page.locator('.strip .col[aria-label="구매"] [data-event="장바구니 담기"]')).to_be_visible()
