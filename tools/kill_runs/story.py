"""The story: what people at both ends do before and during each push and pull.

What is done *before* a push or pull is done when nothing runs. What is done *meanwhile* is done while it is under way
where somebody is killed, after it where nobody is: so it must come to the same either way, and touches no text that
the run or anybody else is at.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from extractors.load import load
from extractors.reading import read_path
from extractors.units import Catalog, Unit, UnitKey
from service.catalog.models import ConflictResolution, RejectReason
from service.sample import sample_path
from service.sync.rules.formats.rails_yaml import RailsYaml
from tools.kill_runs.stage import Stage

REVIEWERS = ("mariam", "jean")
_VISITS, _CARE, _CONSENT, _KINDS = "form/nl_follow_up", "form/nl_care", "form/nl_consent", "lookup/lookup-nl-care-type"

Act = Callable[[Stage], None]


@dataclass(frozen=True)
class Scene:
    """A push or a pull, and what people do before it and meanwhile."""

    kind: str
    before: Act
    meanwhile: Act


def nothing(_stage: Stage) -> None:
    """Do nothing."""


class Cast:
    """The units by their place in the story, and the sources as they follow one another."""

    def __init__(self) -> None:
        whole = load(read_path(sample_path() / "configuration.json")).catalog
        members = {_VISITS: 10, _CARE: 33, _CONSENT: 8, _KINDS: 8}
        units: list[Unit] = []
        for record, number in members.items():
            units += [unit for unit in whole.translatable() if unit.key.record_key == record][:number]
        self.first = Catalog(whole.format, whole.source_locale, tuple(units))
        self.keys = {record: [str(unit.key) for unit in units if unit.key.record_key == record] for record in members}
        self._sources = {str(unit.key): unit.source for unit in units}
        self.visits, self.care = self.keys[_VISITS], self.keys[_CARE]
        self.consent, self.kinds = self.keys[_CONSENT], self.keys[_KINDS]

    def second(self) -> Catalog:
        """Return the source that follows: some texts are others, one is gone, one is new."""
        changed = {self.care[1], self.care[29], self.visits[3], self.visits[6], self.visits[7]}
        units = []
        for unit in self.first.units:
            key = str(unit.key)
            if key != self.care[20]:
                units.append(replace(unit, source=f"{unit.source} (new)") if key in changed else unit)
        units.append(replace(units[0], key=UnitKey.parse(f"{_VISITS}/extra/display_name"), source="One more question"))
        return replace(self.first, units=tuple(units))

    def texts(self, keys: list[str], language: str, sign: str = "") -> dict[str, str | None]:
        """Return what volunteers write for these units."""
        return {key: f"{self._sources[key]} – {language}{sign}" for key in keys}

    def foreign_file(self) -> bytes:
        """Return the file of somebody who was there before us: some texts are ours, others were others."""
        lines = []
        for number, key in enumerate(self.visits[:6]):
            parts = RailsYaml().string_key(UnitKey.parse(key)).split(".")
            text = self._sources[key] if number % 2 else f"Old: {self._sources[key]}"
            lines.append((parts, text))
        return _yaml(lines).encode()

    def tell(self) -> list[Scene]:
        """Return the story of these units, scene by scene."""
        return [
            Scene("push", self._somebody_was_there, nothing),
            Scene("pull", self._volunteers_start, self._volunteers_go_on),
            Scene("push", self._reviewers_start, self._reviewers_go_on),
            Scene("pull", self._volunteers_answer, self._all_at_once),
            Scene("push", self._source_moves_on, self._meanwhile_more),
            Scene("pull", nothing, self._meanwhile_yet_more),
            Scene("push", self._conflicts_end, self._meanwhile_again),
            Scene("pull", nothing, nothing),
        ]

    def _somebody_was_there(self, stage: Stage) -> None:
        stage.make_resource(self.visits[0], self.foreign_file())
        stage.translate(self.texts(self.visits[:6], "fr", " (old)"), "fr", "pierre")

    def _volunteers_start(self, stage: Stage) -> None:
        stage.translate(self.texts([*self.visits, *self.care[:24], *self.consent, *self.kinds], "fr"), "fr", "amina")
        stage.translate(self.texts([*self.visits, *self.care[:15], *self.kinds], "ar"), "ar", "karim")

    def _volunteers_go_on(self, stage: Stage) -> None:
        stage.translate(self.texts(self.care[24:28], "fr"), "fr", "amina")
        stage.translate(self.texts(self.care[15:18], "ar"), "ar", "karim")

    def _reviewers_start(self, stage: Stage) -> None:
        stage.approve([*self.care[:6], *self.visits[:4], *self.consent[:3]], "fr", "mariam")
        stage.approve(self.consent[:2], "fr", "jean")
        stage.approve(self.care[:4], "ar", "mariam")
        stage.correct(self.care[6:9], "fr", "mariam")
        stage.correct(self.care[5:6], "ar", "jean")
        stage.approve(self.care[7:8], "fr", "jean")
        stage.reject(self.care[9:11], "fr", "jean")
        stage.reject(self.care[6:7], "ar", "jean", RejectReason.MEANING)

    def _reviewers_go_on(self, stage: Stage) -> None:
        stage.translate(self.texts(self.care[18:20], "ar"), "ar", "karim")
        stage.approve([self.care[11], self.visits[4]], "fr", "mariam")
        stage.correct(self.care[12:13], "fr", "jean")
        stage.reject(self.kinds[1:2], "fr", "jean")

    def _volunteers_answer(self, stage: Stage) -> None:
        stage.translate(self.texts([self.care[0], self.care[6], self.care[9]], "fr", " (again)"), "fr", "amina")
        stage.translate({self.care[13]: None}, "fr", "amina")

    def _all_at_once(self, stage: Stage) -> None:
        stage.approve(self.care[14:15], "fr", "mariam")
        stage.reject(self.care[15:16], "fr", "jean", RejectReason.TONE)
        stage.correct(self.visits[5:6], "fr", "jean")
        stage.translate(self.texts(self.care[28:29], "fr"), "fr", "amina")

    def _source_moves_on(self, stage: Stage) -> None:
        stage.bring(self.second())
        stage.reopen(self.care[10], "fr", "jean")
        stage.approve(self.care[8:9], "fr", "jean")
        stage.correct(self.care[16:18], "fr", "mariam")
        stage.translate(self.texts(self.care[16:18], "fr", " (other)"), "fr", "amina")

    def _meanwhile_more(self, stage: Stage) -> None:
        stage.translate(self.texts(self.care[30:31], "fr"), "fr", "amina")
        stage.translate(self.texts(self.care[21:22], "ar"), "ar", "karim")
        stage.approve(self.kinds[2:3], "fr", "mariam")
        stage.correct(self.kinds[3:4], "fr", "jean")

    def _meanwhile_yet_more(self, stage: Stage) -> None:
        stage.approve(self.kinds[4:5], "fr", "mariam")
        stage.translate(self.texts(self.visits[6:7], "fr", " (new)"), "fr", "amina")
        stage.translate(self.texts(self.care[22:23], "ar"), "ar", "karim")

    def _conflicts_end(self, stage: Stage) -> None:
        stage.choose(self.care[16], "fr", ConflictResolution.OURS, "jean")
        stage.choose(self.care[17], "fr", ConflictResolution.THEIRS, "jean")
        stage.approve(self.care[1:2], "fr", "jean")
        stage.correct(self.visits[3:4], "fr", "mariam")
        stage.reject(self.care[0:1], "fr", "jean")
        stage.bring_texts(
            {key: text or "" for key, text in self.texts(self.care[24:28], "ar", " (file)").items()}, "ar"
        )
        # The same text as before, on the new source: that somebody looked at it counts.
        stage.translate(self.texts(self.visits[7:8], "fr"), "fr", "amina")

    def _meanwhile_again(self, stage: Stage) -> None:
        stage.approve(self.kinds[5:6], "fr", "jean")
        stage.reject(self.kinds[6:7], "fr", "mariam", RejectReason.SAFETY)
        stage.translate(self.texts(self.care[23:24], "ar"), "ar", "karim")


def _yaml(lines: list[tuple[list[str], str]]) -> str:
    tree: dict[str, object] = {}
    for parts, text in lines:
        branch = tree
        for part in parts[:-1]:
            branch = branch.setdefault(part, {})  # type: ignore[assignment]
        branch[parts[-1]] = text
    written = ["en:"]

    def write(branch: dict[str, object], depth: int) -> None:
        for name, below in branch.items():
            if isinstance(below, dict):
                written.append(f'{"  " * depth}"{name}":')
                write(below, depth + 1)
            else:
                written.append(f'{"  " * depth}"{name}": "{below}"')

    write(tree, 1)
    return "\n".join(written) + "\n"


QUIET = [Scene(kind, nothing, nothing) for kind in ("push", "pull", "push", "pull")]
"""What follows, so that everything that was done meanwhile has arrived: nobody does anything, nobody is killed."""
