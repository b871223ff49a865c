"""Who comes in, by an OpenID provider and by a passphrase, and who does not: in the real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from journey.i18n import catalogue

from .browser import free_port, serve, settled
from .oidc_provider import CLIENT, FAULTS, SECRET, provide

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app.py"
KO, EN = catalogue("ko"), catalogue("en")
# Whoever signs in is called so to the letter, in the form that comes back and beside every page.
NAME = '민지"><img src=x onerror=x()>'
PHRASE = "열려라 참깨 열려라"
PEOPLE = "@acme.com, lee@partner.com"


@pytest.fixture(scope="module")
def provider():
    with provide() as running:
        yield running


@pytest.fixture(scope="module")
def team(provider, tmp_path_factory):
    """The app with a login by the provider."""
    folder, port = tmp_path_factory.mktemp("team"), free_port()
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "{"s" * 32}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.address}/.well-known/openid-configuration"
"""
    )
    with serve(APP, folder, cwd=folder, port=port, environment={"JOURNEY_PEOPLE": PEOPLE}) as address:
        yield address


def sign_in(page):
    page.get_by_role("link", name=KO["login.go"]).click()


def test_a_cold_deep_link_shows_the_login_and_leads_to_its_page_afterwards(team, provider, open_page):
    provider.says("Kim@Acme.com", name="김민지")
    page = open_page(f"{team}/reach?lang=ko")
    expect(page.get_by_role("link", name=KO["login.go"])).to_be_visible()
    expect(page.locator('[data-testid="stApp"]')).to_have_count(0)
    sign_in(page)
    settled(page)
    expect(page).to_have_url(re.compile(rf"^{team}/reach\?lang=ko"))
    expect(page.get_by_role("heading", name=KO["page.reach.title"])).to_be_visible()
    expect(page.locator(".st-key-signed_in")).to_contain_text("김민지")

    page.get_by_role("link", name=KO["login.sign_out"]).click()
    expect(page.get_by_role("link", name=KO["login.go"])).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert "/end_session" in provider.seen
    page.goto(f"{team}/reach")
    expect(page.locator('[data-testid="stApp"]')).to_have_count(0)


def test_a_provider_that_says_something_wrong_lets_nobody_in(team, provider, open_page):
    page = open_page(f"{team}/reach?lang=ko")
    for fault in FAULTS:
        provider.says("kim@acme.com", fault)
        sign_in(page)
        expect(page).to_have_url(re.compile("failed=1&next=%2Freach%3Flang%3Dko"))
        expect(page.get_by_role("alert"), fault).to_have_text(KO["login.problem_failed"])
        page.goto(f"{team}/reach?lang=ko")
        expect(page.get_by_role("link", name=KO["login.go"]), fault).to_be_visible()
    ask = page.context.request
    assert ask.put(f"{team}/_stcore/upload_file/tab/file", data="x").status == 401
    assert [ask.get(f"{team}{path}").status for path in ("/media/a.csv", "/_stcore/host-config")] == [401] * 2


def test_somebody_whom_the_provider_knows_and_we_do_not_let_in_is_told_why(team, provider, open_page):
    page = open_page(f"{team}/?lang=ko")
    for email, claims, reason in (
        ("kim@acme.com", {"email_verified": False}, "unverified"),
        ("kim@other.com", {}, "stranger"),
        ("kim@acme.com", {"iat": 1}, "old"),
    ):
        provider.says(email, **claims)
        sign_in(page)
        told = KO[f"login.problem_{reason}"].replace("{who}", email)
        expect(page.get_by_role("alert")).to_have_text(told)
        expect(page.locator('[data-testid="stApp"]')).to_have_count(0)


def test_nobody_opens_the_project_of_somebody_else_by_its_address(team, provider, open_page):
    provider.says("kim@acme.com")
    mine = open_page(f"{team}/?lang=ko")
    sign_in(mine)
    mine.locator("[class*=st-key-sample]").get_by_role("button").first.click()
    expect(mine).to_have_url(re.compile("project="))
    settled(mine)
    address = mine.url
    provider.says("lee@partner.com")
    theirs = open_page(address)
    sign_in(theirs)
    settled(theirs)
    assert "project=" in address
    expect(theirs.get_by_text(KO["errors.project_missing"])).to_be_visible()
    expect(theirs.locator(".st-key-signed_in")).to_contain_text("lee")
    expect(theirs.locator('[data-testid="stSidebar"]')).not_to_contain_text(KO["app.project"])
    theirs.goto(f"{team}/?lang=ko")
    settled(theirs)
    expect(theirs.get_by_role("heading").first).to_be_visible()


def test_a_passphrase_lets_in_whoever_knows_it_and_a_restart_signs_nobody_out(
    tmp_path, own_server, open_page
):
    port, environment = free_port(), {"JOURNEY_PASSPHRASE": PHRASE}
    with serve(APP, tmp_path, port=port, environment=environment) as address:
        page = open_page(f"{address}/reach?lang=en")
        expect(page.get_by_label(EN["login.passphrase"])).to_be_focused()
        expect(page.locator('[data-testid="stApp"]')).to_have_count(0)
        page.get_by_label(EN["login.your_name"]).fill(NAME)
        page.get_by_label(EN["login.passphrase"]).fill("sesame, open")
        page.get_by_role("button", name=EN["login.enter"]).click()
        expect(page.get_by_role("alert")).to_have_text(EN["login.problem_wrong"])
        expect(page.get_by_label(EN["login.your_name"])).to_have_value(NAME)
        page.get_by_label(EN["login.passphrase"]).fill(PHRASE)
        page.keyboard.press("Enter")
        settled(page)
        expect(page).to_have_url(re.compile(r"/reach\?lang=en"))
        expect(page.locator(".st-key-signed_in")).to_contain_text(NAME)
        page.goto("about:blank")
    own_server(APP, tmp_path, port=port, environment=environment)
    page.goto(f"{address}/reach?lang=en")
    settled(page)
    expect(page.locator(".st-key-signed_in")).to_contain_text(NAME)
    page.get_by_role("link", name=EN["login.sign_out"]).click()
    expect(page.get_by_label(EN["login.passphrase"])).to_be_visible()
