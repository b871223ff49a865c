"""Pictures to measure: answers of many shapes on sheets of many sizes, laid out."""

from __future__ import annotations

from journey.charts.sankey_layout import sankey_layout
from tests.charts.answers import EN, KO, counted, sampled


def layout(answer, width=1100, height=520, names=lambda kind, name: name or kind):
    return sankey_layout(
        answer.links,
        answer.nodes,
        width=width,
        height=height,
        caption=names,
        amount=lambda n: f"{n:,.0f}",
        heading=lambda step, n, brevity: (f"{step}단계 · {n:,.0f}", f"{step}단계", f"{step}")[brevity],
        end_caption=lambda kind, customers, share: f"{kind} {share:.1%}",
        direction=answer.direction,
    )


LONG = (
    "아주 긴 이름을 가진 단계라서 다 들어갈 수 없는 것",
    "Wide MMMM WWWW",
    "결제",
    "i",
    "가입하기 (앱)",
    *KO[5:],
)


PICTURES = {
    "one step": (sampled(300, 6, 1), 1100, 520),
    "six steps": (sampled(2000, 6, 6), 1100, 520),
    "twelve stages, twelve steps": (sampled(3000, 12, 12, stay=0.93), 1100, 520),
    "twelve in English": (sampled(3000, 12, 12, names=EN, stay=0.93), 1100, 520),
    "long names": (sampled(1000, 12, 8, names=LONG, stay=0.9), 900, 520),
    "a phone": (sampled(2000, 6, 6), 360, 460),
    "a phone, twelve steps": (sampled(3000, 12, 12, stay=0.93), 360, 460),
    "backward": (sampled(2000, 6, 5, backward=True), 1100, 520),
    "backward on a phone": (sampled(2000, 6, 5, names=EN, backward=True), 360, 460),
    "one customer": (counted([[0]], KO[:1], steps=1), 1100, 520),
    "low": (sampled(1000, 12, 5), 800, 180),
}
