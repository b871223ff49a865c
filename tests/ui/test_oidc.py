"""Whom a provider's word makes of somebody, and when it is not enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.projects.members import identified
from ui.login_settings import LoginSettings
from ui.oidc import Refused, person_of

NOW = 1_800_000_000.0
SAID = {
    "iss": "https://login.acme.com",
    "sub": "1",
    "email": "Kim@Acme.com",
    "name": " Kim  Minji ",
    "iat": NOW - 60,
}


def person(**claims):
    return person_of({**SAID, **claims}, LoginSettings(), NOW)[0]


def refused(**claims):
    with pytest.raises(Refused) as problem:
        person(**claims)
    return problem.value.reason


def test_the_verified_e_mail_says_who_it_is():
    assert (person().id, person().name, person().sees_all) == ("kim@acme.com", "Kim Minji", False)
    assert person(email="ｋｉｍ@ACME.com").id == "kim@acme.com"
    assert person(email_verified=True).id == "kim@acme.com"
    assert person(name=None).name == person(name="a\u202eb").name == ""


@pytest.mark.parametrize("said", [False, "false", 0])
def test_an_e_mail_that_is_not_verified_is_nobodys(said):
    assert refused(email_verified=said) == "unverified"


@pytest.mark.parametrize(
    "email", ["kim", "@", "a@b@acme.com", "a b@acme.com", "a\u202eb@acme.com", "x" * 300 + "@acme.com"]
)
def test_an_e_mail_that_looks_like_another_is_nobodys(email):
    assert refused(email=email) == "unverified"


def test_without_an_e_mail_the_providers_own_number_says_it():
    assert person(email=None, sub="248289761001").id == "248289761001@login.acme.com"
    assert person(email="", sub="AbC").id != person(email="", sub="aBc").id
    assert refused(email=None, sub="") == refused(email=None, iss="nowhere") == "unverified"
    # Nobody's number is somebody else's e-mail.
    assert person(email=None, sub="kim@acme.com", iss="https://x.com").id.count("@") == 1
    assert not person(email=None, sub="kim@acme.com", iss="https://x.com").id.startswith("kim")


def test_only_those_who_are_named_come_in():
    settings = LoginSettings(people=("@acme.com",))
    assert person_of(SAID, settings, NOW)[0].id == "kim@acme.com"
    with pytest.raises(Refused) as stranger:
        person_of({**SAID, "email": "kim@other.com"}, settings, NOW)
    assert (stranger.value.reason, stranger.value.who) == ("stranger", "kim@other.com")


def test_a_login_is_good_for_its_hours():
    assert person_of(SAID, LoginSettings(hours=1), NOW)[1] == NOW - 60 + 3600
    assert refused(iat=NOW - 168 * 3600) == "old"
    assert refused(iat=NOW + 3600) == "old"


@pytest.mark.parametrize("iat", [None, "now", True, float("nan"), float("inf"), -1e300, [1]])
def test_times_that_are_nonsense_are_too_old(iat):
    assert refused(iat=iat) == "old"


@given(
    st.dictionaries(
        st.sampled_from(sorted(SAID)), st.text() | st.none() | st.booleans() | st.integers() | st.floats()
    )
)
def test_whatever_a_provider_says_is_a_person_or_a_refusal(claims):
    try:
        found, until = person_of({**SAID, **claims}, LoginSettings(), NOW)
    except Refused:
        return
    assert found.id == identified(found.id) and "@" in found.id and not found.sees_all
    assert NOW < until <= NOW + 168 * 3600 + 300
