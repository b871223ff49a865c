"""Starts the contenders, each in a process of its own, and puts what they report into tables."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "FEW_TIES",
    "HOME",
    "Disagreement",
    "Runner",
    "Target",
    "best",
    "machine",
    "same",
    "times",
    "versions_of",
]

FEW_TIES = 0.005
HOME = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Target:
    """`value` must be at least (`least`) or at most (`most`) so much."""

    name: str
    value: float
    least: float = 0.0
    most: float = float("inf")

    @property
    def met(self) -> bool:
        return self.least <= self.value <= self.most

    def line(self) -> str:
        wanted = f">= {self.least:g}" if self.least else f"<= {self.most:g}"
        return f"| {self.name} | {wanted} | {self.value:.3g} | {'met' if self.met else '**missed**'} |"


class Disagreement(Exception):
    """Two contenders were given the same and do not say the same."""


class Runner:
    """Starts contenders and keeps what they report."""

    def __init__(self, peers: Path, repeats: int, folder: Path) -> None:
        self.peers, self.repeats, self.folder = peers, repeats, folder
        self.environment = {**os.environ, "PYTHONPATH": str(HOME), "RETENTIONEERING_NO_TRACK": "1"}

    def ours(self, module: str, *arguments: object) -> dict[str, Any]:
        return self._run(sys.executable, module, *arguments)

    def peer(self, module: str, *arguments: object) -> dict[str, Any]:
        return self._run(str(self.peers), module, *arguments)

    def _run(self, python: str, module: str, *arguments: object) -> dict[str, Any]:
        command = [python, "-m", f"tests.bench.{module}", *map(str, arguments)]
        print("  ", module, *[Path(str(a)).name for a in arguments], end=" ", flush=True)
        done = subprocess.run(
            command, cwd=HOME, env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
        if "cpu" in found:
            print(f"{min(found['cpu']):.4f} s")
        else:
            print()
        return found

    def log(self, n: int, tied: float, kind: str = "log") -> Path:
        folder = self.folder / f"{kind}_{n}_{tied}"
        if not folder.exists():
            folder.mkdir()
            self.ours("prepare", kind, folder, n, tied)
        return folder

    def file(self, kind: str, suffix: str, n: int) -> Path:
        file = self.folder / f"{kind}_{n}.{suffix}"
        self.ours("prepare", kind, file, n, FEW_TIES)
        return file


def best(found: dict[str, Any]) -> float:
    return min(found["cpu"])


def same(found: dict[str, dict[str, Any]], *parts: str) -> None:
    """Each contender says of each of these parts what ours says."""
    for name, other in found.items():
        for part in parts:
            if other[part] != found["ours"][part]:
                raise Disagreement(f"{part}: {name}")


def versions_of(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name.split(",")[0]: each["version"] for name, each in found.items() if each.get("version")}


def machine(versions: dict[str, str]) -> str:
    with open("/proc/meminfo", encoding="ascii") as lines:
        memory = int(next(iter(lines)).split()[1]) / 1e6
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GB memory, {platform.system()}, "
        f"Python {platform.python_version()}, {named}."
    )


def times(found: dict[str, dict[str, Any]]) -> list[str]:
    ours = best(found["ours"])
    lines = ["| | CPU seconds | ratio to ours | wall seconds | peak memory, MB |", "|---|---|---|---|---|"]
    for name, each in found.items():
        lines.append(
            f"| {name} | {best(each):.4g} | {best(each) / ours:.3g}x | {min(each['wall']):.4g} "
            f"| {each['peak_mb']:.0f} |"
        )
    return lines
