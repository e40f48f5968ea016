"""What became of the things that Transifex had to hear, counted and in words."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from service.sync.service.runs import in_words

_SHOWN = 50
_SAID = 3


@dataclass(slots=True)
class Sent:
    """Counts and troubles of one sending. The ``…_refused`` say why none is tried any more."""

    counts: Counter[str] = field(default_factory=Counter)
    superseded: int = 0
    waiting: int = 0
    failed: int = 0
    marks_refused: str = ""
    issues_refused: str = ""
    replies_refused: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    troubles: dict[str, None] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Return how many things Transifex was told."""
        return self.counts.total()

    def count(self, *, strings: bool, reviewed: bool | None) -> None:
        """Count one translation that was changed there."""
        self.counts["texts"] += strings
        self.counts["marked"] += reviewed is True
        self.counts["unmarked"] += reviewed is False

    def fail(self, message: str, **about: str) -> None:
        """Count one thing that went wrong."""
        self.failed += 1
        self.troubles[message] = None
        self.items.append({"result": "failed", "message": message, **about})

    def wait(self, key: str, language: str, message: str) -> None:
        """Count one text that cannot be sent yet."""
        self.waiting += 1
        self.items.append({"result": "waiting", "key": key, "language": language, "message": message})

    def refuse_marks(self, message: str) -> None:
        """Send no marks any more in this run."""
        self.marks_refused = message
        self.troubles[f"Texts could not be marked as reviewed on Transifex. {message}"] = None

    def refuse_issues(self, message: str) -> None:
        """Open and resolve no issues any more in this run."""
        self.issues_refused = message
        self.troubles[f"Rejections could not be told as issues on Transifex. {message}"] = None

    def refuse_replies(self, message: str) -> None:
        """Answer and resolve no questions any more in this run."""
        self.replies_refused = message
        self.troubles[f"Questions could not be answered on Transifex. {message}"] = None

    def outcome(self) -> dict[str, Any]:
        """Return everything, for the record of the run."""
        names = (
            "texts", "marked", "unmarked", "issues_opened", "issues_resolved", "answers", "questions_resolved",
        )  # fmt: skip
        return {
            **{name: self.counts[name] for name in names},
            "superseded": self.superseded,
            "waiting": self.waiting,
            "failed": self.failed,
            "items": self.items[:_SHOWN],
            "troubles": list(self.troubles),
        }

    def message(self) -> str:
        """Return what was sent in words, "" for nothing at all."""
        said = in_words(
            "Decisions sent",
            [
                (self.counts["texts"], "texts"),
                (self.counts["marked"], "marked as reviewed"),
                (self.counts["unmarked"], "no longer marked"),
                (self.counts["issues_opened"], "issues opened"),
                (self.counts["issues_resolved"], "issues resolved"),
                (self.counts["answers"], "answers to questions"),
                (self.counts["questions_resolved"], "questions resolved"),
                (self.waiting, "waiting"),
                (self.failed, "failed"),
            ],
        )
        return " ".join(filter(None, [said, *list(self.troubles)[:_SAID]]))
