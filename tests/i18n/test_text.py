import pytest

from journey import i18n


@pytest.fixture
def sentences(monkeypatch):
    """Let the catalogue hold just these sentences, in every language."""

    def hold(**said):
        monkeypatch.setattr(i18n, "catalogue", lambda language: said)

    return hold


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("ko-KR",), "ko"),
        (("en_US",), "en"),
        (("fr-FR",), "en"),
        ((None, "ko"), "ko"),
        (("xx", "KO"), "ko"),
        ((), "en"),
    ],
)
def test_the_first_wish_that_is_a_language_wins(wishes, language):
    assert i18n.pick_language(*wishes) == language


def test_holes_are_filled_in_their_forms(sentences):
    sentences(x="{n:count} {n:customer|customers}, {s:share}, {w:이/가} {w}")
    assert i18n.text("x", "en", n=1, s=0.5, w="구매") == "1 customer, 50.0%, 구매가 구매"
    assert i18n.text("x", "en", n=1200, s=1, w="방문") == "1,200 customers, 100.0%, 방문이 방문"


def test_a_value_is_never_read_as_a_sentence(sentences):
    sentences(x="{a} {b}")
    assert i18n.text("x", "en", a="{b}", b="{a.__class__} %s {n:count}") == "{b} {a.__class__} %s {n:count}"


def test_a_missing_key_or_value_is_an_error_and_not_a_hole_on_the_page(sentences):
    sentences(x="{a}")
    with pytest.raises(KeyError):
        i18n.text("y", "en")
    with pytest.raises(KeyError):
        i18n.text("x", "en")


def test_the_names_of_holes_are_found_whatever_their_form():
    assert i18n.holes("{a} {b:count} {c:은/는} {d:one|many} {{}}") == {"a", "b", "c", "d"}
