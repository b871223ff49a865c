"""The effects that can be planted, each a switch: what README.md calls a truth is one of these."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

__all__ = ["Plant"]


@dataclass(frozen=True)
class Plant:
    fault: bool = False  # the checkout of app version 4.2.0 fails
    channel: bool = False  # visits from KakaoTalk order more often
    lift: bool = False  # arm B of the first experiment orders more often
    mismatch: bool = False  # arm B of the second experiment loses records
    churn: bool = False  # late deliveries, most of them in Busan, silence customers
    feelings: bool = False  # low satisfaction with delivery
    segments: bool = False  # three kinds of customers instead of one
    onboarding: bool = False  # subscription product: who finishes the onboarding stays

    @classmethod
    def parse(cls, text: str) -> Plant:
        """`all`, `none`, or names with commas between them."""
        names = [field.name for field in fields(cls)]
        wanted = {"all": names, "none": []}.get(text, text.split(","))
        unknown = sorted(set(wanted) - set(names))
        if unknown:
            raise SystemExit(f"--plant: no {', '.join(unknown)}; there are {', '.join(names)}, all, none")
        return replace(cls(), **dict.fromkeys(wanted, True))
