"""The board can be dragged where the project is only unpacked and its package is installed as well."""

from __future__ import annotations

from playwright.sync_api import expect

from ..test_trees import installed, unpacked  # noqa: F401 - `installed` is a fixture
from .browser import open_sample, settled
from .test_main_job import drag


def test_a_card_is_dragged_where_the_package_is_installed_too(tmp_path, own_server, open_page, installed):  # noqa: F811
    tree = unpacked(tmp_path / "tree")
    address = own_server(
        tree / "app.py", tmp_path / "home", cwd=tree, environment={"PYTHONPATH": str(installed)}
    )
    page = open_page(address)
    settled(page)
    open_sample(page)
    drag(page, "장바구니 담기", "구매")
    expect(page.locator('.strip .col[aria-label="구매"] [data-event="장바구니 담기"]')).to_be_visible()
    expect(page.locator(".status")).to_have_text("저장됨")
    page.reload()
    settled(page)
    expect(page.locator('.strip .col[aria-label="구매"] [data-event="장바구니 담기"]')).to_be_visible()
