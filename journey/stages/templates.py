"""Which stages does a journey of this trade usually have?"""

from __future__ import annotations

from dataclasses import dataclass

from journey.errors import SettingWrong
from journey.i18n import text
from journey.stages.stage_map import StageMap

__all__ = ["TEMPLATES", "Template", "from_template"]


@dataclass(frozen=True)
class Template:
    """The kinds of the stages in their order; a kind is named by the catalogue key `stages.kind_<kind>`."""

    kinds: tuple[str, ...]

    @property
    def ids(self) -> dict[str, str]:
        """Kind -> id of its stage in the map that `from_template` makes."""
        return {kind: f"s{number}" for number, kind in enumerate(self.kinds, start=1)}


TEMPLATES: dict[str, Template] = {
    "acp": Template(("awareness", "consideration", "purchase")),
    "acpr": Template(("awareness", "consideration", "purchase", "repurchase")),
    "acpul": Template(("awareness", "consideration", "purchase", "use", "loyalty")),
    "acprl": Template(("awareness", "consideration", "purchase", "repurchase", "loyalty")),
    "six": Template(("awareness", "consideration", "purchase", "use", "repurchase", "loyalty")),
    "shop": Template(("visit", "browse", "cart", "payment", "after", "repurchase")),
    "subscription": Template(("awareness", "trial", "conversion", "use", "renewal", "referral")),
    "service": Template(("received", "assigned", "progress", "waiting", "resolved", "closed")),
}


def from_template(name: str, language: str) -> StageMap:
    """The empty stages of a template, named in this language.

    >>> from_template("acp", "ko").names
    ('인지', '고려', '구매')
    """
    if name not in TEMPLATES:
        raise SettingWrong(setting="template", value=name, allowed=", ".join(TEMPLATES))
    stages = StageMap()
    for kind in TEMPLATES[name].kinds:
        stages = stages.add_stage(text(f"stages.kind_{kind}", language))
    return stages
