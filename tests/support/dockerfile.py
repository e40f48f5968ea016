"""Reads a Dockerfile as far as ours goes: stages, and their instructions with continued lines joined."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field


@dataclass
class Stage:
    """One stage: the image it starts from, its name, and its instructions as (keyword, rest)."""

    image: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def rests(self, keyword: str) -> list[str]:
        """Return what follows each instruction of that keyword, in order."""
        return [rest for found, rest in self.instructions if found == keyword]

    def exec_form(self, keyword: str) -> list[str]:
        """Return the words of the last instruction of that keyword, which ends in a JSON list."""
        rest = self.rests(keyword)[-1]
        words: list[str] = json.loads(rest[rest.index("[") :])
        return words


def parse_dockerfile(text: str) -> list[Stage]:
    """Return the stages of the text.

    Raises:
        ValueError: an instruction stands before the first FROM.
    """
    text = re.sub(r"(?m)^\s*#.*\n?", "", text)
    stages: list[Stage] = []
    for line in re.sub(r"\\\n", "", text).splitlines():
        if not line.strip():
            continue
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "FROM":
            image, _, name = rest.partition(" AS ")
            stages.append(Stage(image, name))
        elif not stages:
            raise ValueError(f"{keyword} stands before the first FROM")
        else:
            stages[-1].instructions.append((keyword, rest.strip()))
    return stages
