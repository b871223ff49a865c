"""What the environment may say about the login, and which half of a login is refused with which reason."""

import pytest

from journey.errors import LoginWrong
from journey.projects.members import identified
from ui.login_settings import LoginSettings

AUTH = {
    "redirect_uri": "https://journey.acme.com/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "id",
    "client_secret": "secret",
    "server_metadata_url": "https://login.acme.com/.well-known/openid-configuration",
}
PROVIDER = {key: AUTH[key] for key in ("client_id", "client_secret", "server_metadata_url")}
SHARED = {key: AUTH[key] for key in ("redirect_uri", "cookie_secret")}
PHRASE = {"JOURNEY_PASSPHRASE": "open sesame"}


@pytest.mark.parametrize(
    ("environment", "auth", "mode"),
    [
        ({}, {}, "none"),
        ({"JOURNEY_LOGIN": " "}, {}, "none"),
        (PHRASE, {}, "passphrase"),
        (PHRASE, AUTH, "oidc"),
        ({}, AUTH, "oidc"),
        (PHRASE | {"JOURNEY_LOGIN": "none"}, AUTH, "none"),
        ({"JOURNEY_LOGIN": "proxy"}, AUTH, "proxy"),
        (PHRASE | {"JOURNEY_LOGIN": "passphrase"}, AUTH, "passphrase"),
    ],
)
def test_what_is_there_decides_how_people_come_in_unless_it_is_said(environment, auth, mode):
    assert LoginSettings.read(environment, auth).mode == mode


@pytest.mark.parametrize(
    ("environment", "auth", "reason"),
    [
        ({"JOURNEY_LOGIN": "ldap"}, {}, "mode"),
        ({"JOURNEY_ALLOW_OPEN": "yes"}, {}, "allow_open"),
        *[({"JOURNEY_LOGIN_HOURS": wrong}, {}, "hours") for wrong in ("0", "-1", "nan", "1e9", "a day")],
        *[({"JOURNEY_PEOPLE": wrong}, {}, "people") for wrong in ("acme.com", "@", "a@b@c", "kim lee@a.kr")],
        ({"JOURNEY_LOGIN": "passphrase"}, {}, "passphrase_missing"),
        ({"JOURNEY_PASSPHRASE": "short"}, {}, "passphrase_short"),
        ({"JOURNEY_PASSPHRASE_FILE": "/nowhere/at/all"}, {}, "passphrase_file"),
        ({"JOURNEY_PROXY_HEADER": "X-Mail:"}, {}, "header"),
        ({"JOURNEY_TRUSTED_PROXIES": "proxy.acme.com"}, {}, "proxies"),
        ({"JOURNEY_LOGIN": "oidc"}, {}, "auth_missing"),
        ({}, AUTH | {"client_secret": ""}, "auth_incomplete"),
        ({}, SHARED, "auth_incomplete"),
        ({}, SHARED | {"our_own": PROVIDER}, "auth_underscore"),
        ({}, AUTH | {"redirect_uri": "https://journey.acme.com/"}, "auth_redirect"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason(environment, auth, reason):
    with pytest.raises(LoginWrong) as wrong:
        LoginSettings.read(environment, auth)
    assert wrong.value.values["reason"] == reason


def test_what_is_missing_of_a_provider_is_named():
    with pytest.raises(LoginWrong) as wrong:
        LoginSettings.read({}, SHARED | {"google": {"client_id": "id"}})
    assert wrong.value.values["names"] == "google.client_secret, google.server_metadata_url"


def test_several_providers_stand_in_their_order():
    auth = SHARED | {"google": PROVIDER, "okta": PROVIDER}
    assert LoginSettings.read({}, auth).providers == ("google", "okta")
    assert LoginSettings.read({}, AUTH | {"client_kwargs": {"prompt": "login"}}).providers == ("default",)


def test_people_are_let_in_by_address_and_by_domain_whatever_the_capitals():
    settings = LoginSettings.read({"JOURNEY_PEOPLE": "@Acme.com, KIM@partner.com"}, {})
    for one in ("Lee@ACME.com", "kim@partner.com", "ｋｉｍ@partner.com"):
        assert settings.lets_in(identified(one)), one
    for one in ("lee@partner.com", "lee@notacme.com", "lee@acme.com.evil.kr", "acme.com", ""):
        assert not settings.lets_in(identified(one)), one
    assert LoginSettings().lets_in("anybody@anywhere.org")


def test_a_passphrase_is_read_from_a_file_and_never_shown(tmp_path):
    (tmp_path / "phrase").write_text("열려라 참깨 열려라\n", encoding="utf-8")
    settings = LoginSettings.read({"JOURNEY_PASSPHRASE_FILE": str(tmp_path / "phrase")}, {})
    assert settings.passphrase == "열려라 참깨 열려라"
    assert "참깨" not in repr(settings)


def test_proxies_are_addresses_and_networks():
    settings = LoginSettings.read({"JOURNEY_TRUSTED_PROXIES": "10.0.0.0/24, ::1"}, {})
    assert [settings.trusts(one) for one in ("10.0.0.9", "::1", "::ffff:10.0.0.9")] == [True] * 3
    assert not [one for one in ("10.0.1.9", "127.0.0.1", "", None, "proxy") if settings.trusts(one)]
