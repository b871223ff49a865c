import pytest

from journey.errors import SettingWrong
from journey.i18n import LANGUAGES, catalogue
from journey.stages.templates import TEMPLATES, from_template


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_makes_its_stages_in_both_languages(name, language):
    stages = from_template(name, language)
    words = catalogue(language)
    assert list(stages.names) == [words[f"stages.kind_{kind}"] for kind in TEMPLATES[name].kinds]
    assert [stage.id for stage in stages.stages] == list(TEMPLATES[name].ids.values())


def test_the_journeys_that_are_asked_for_are_there():
    assert from_template("acpr", "ko").names == ("인지", "고려", "구매", "재구매")
    assert from_template("acpul", "ko").names == ("인지", "고려", "구매", "사용", "충성도")
    assert from_template("acprl", "ko").names == ("인지", "고려", "구매", "재구매", "충성도")
    assert from_template("six", "ko").names == ("인지", "고려", "구매", "사용", "재구매", "충성도")
    assert from_template("service", "en").names[0] == "Received"


def test_another_name_is_refused_with_those_that_exist():
    with pytest.raises(SettingWrong) as refused:
        from_template("seven", "en")
    assert "acpul" in refused.value.values["allowed"]
