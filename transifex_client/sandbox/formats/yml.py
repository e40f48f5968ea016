"""YML, the YAML of Ruby on Rails: one root key that names the language, texts below it.

Behaviour after Transifex's open format handlers as described in this project's reference: which scalars are texts, how
keys are escaped, which maps are plurals, and what is lost when a file is written without its template.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from transifex_client.sandbox.formats.model import Entry, Filling, ParseTrouble
from transifex_client.sandbox.languages import CLDR_CATEGORIES

_TAG = "tag:yaml.org,2002:"
_DOT = "<TX_DOT>"
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class _Text:
    """A text found in a file: the entry it gives, and the node (a scalar, or a map of plurals) it stands in."""

    entry: Entry
    node: yaml.Node


@dataclass(slots=True)
class _Walk:
    """A walk over one file. Aliases are texts of the template only, so every node counts where it is first met."""

    categories: Sequence[str]
    lines: list[str]
    seen: set[int] = field(default_factory=set)

    def texts(self, node: yaml.Node, path: tuple[str, ...], comment: str) -> Iterator[_Text]:
        """Yield the texts at and below a node."""
        if id(node) in self.seen:
            return
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield from self._scalar(node, path, comment)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                yield from self.texts(item, (*path, f"[{index}]"), "")
        elif isinstance(node, yaml.MappingNode):
            yield from self._mapping(node, path, comment)

    def _scalar(self, node: yaml.ScalarNode, path: tuple[str, ...], comment: str) -> Iterator[_Text]:
        if node.value == "" or not (node.tag == f"{_TAG}str" or not node.tag.startswith(_TAG)):
            return
        context = "" if node.tag.startswith(_TAG) else node.tag
        entry = Entry(".".join(path), {"other": node.value}, context, developer_comment=comment or None)
        yield _Text(entry, node)

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...], comment: str) -> Iterator[_Text]:
        pairs = _pairs(node)
        forms = self._plural_forms(pairs)
        if path and forms is not None:
            if all(forms.values()):
                pluralized = len(self.categories) > 1
                entry = Entry(".".join(path), forms, "", pluralized, comment or None)
                yield _Text(entry, node)
            return
        for key, value in pairs:
            yield from self.texts(value, (*path, _key(key)), self._comment_above(key))

    def _plural_forms(self, pairs: list[tuple[yaml.ScalarNode, yaml.Node]]) -> dict[str, str] | None:
        """Return the texts of a map that is one plural string, None for any other map.

        It is one when it holds every category of the file's language and nothing but category names. Categories that
        the language does not have are dropped.
        """
        named = {key.value: value for key, value in pairs}
        if not set(self.categories) <= set(named) <= set(CLDR_CATEGORIES):
            return None
        if not all(isinstance(value, yaml.ScalarNode) for value in named.values()):
            return None
        return {category: str(named[category].value) for category in self.categories}

    def _comment_above(self, key: yaml.ScalarNode) -> str:
        found: list[str] = []
        line = key.start_mark.line - 1
        while line >= 0 and self.lines[line].lstrip().startswith("#"):
            found.insert(0, self.lines[line].lstrip().lstrip("#").strip())
            line -= 1
        return " ".join(found)


def _pairs(node: yaml.MappingNode) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    """Return the keys and values of a map; merge keys are left to the template."""
    pairs, names = [], set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ParseTrouble("Keys must be plain values")
        if key.tag == f"{_TAG}merge":
            continue
        if key.value in names:
            raise ParseTrouble(f"Duplicate keys found ({key.value})")
        names.add(key.value)
        pairs.append((key, value))
    return pairs


def _key(node: yaml.ScalarNode) -> str:
    escaped = str(node.value).replace(".", _DOT)
    if node.tag in (f"{_TAG}int", f"{_TAG}float"):
        return f"<{escaped}>"
    return "<None>" if node.tag == f"{_TAG}null" else escaped


def _check_depth(text: str) -> None:
    """Refuse deep nesting before composing: the C loader recurses without a bound and would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ParseTrouble("The file is nested too deeply")


def _root(text: str) -> tuple[yaml.ScalarNode, yaml.MappingNode]:
    try:
        _check_depth(text)
        document = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ParseTrouble(f"The YAML cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(document, yaml.MappingNode) or not document.value:
        raise ParseTrouble("The YAML file does not hold one root key")
    if len(document.value) > 1:
        raise ParseTrouble("YAML file contains more than one root keys.")
    key, body = document.value[0]
    if not isinstance(key, yaml.ScalarNode) or not isinstance(body, yaml.MappingNode):
        raise ParseTrouble("The root key of the YAML file does not hold a map")
    return key, body


def _texts(text: str, categories: Sequence[str]) -> tuple[yaml.ScalarNode, list[_Text]]:
    root, body = _root(text)
    # YAML counts these as line ends as well, and the marks count lines.
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    return root, list(_Walk(categories, lines).texts(body, (), ""))


def parse(text: str, categories: Sequence[str], *, source: bool) -> list[Entry]:  # noqa: ARG001
    """Return the entries of a YML file; source and translation files are read alike, and any root key is taken."""
    entries = [found.entry for found in _texts(text, categories)[1]]
    names: set[tuple[str, str]] = set()
    for entry in entries:
        if (entry.key, entry.context) in names:
            raise ParseTrouble(f"Duplicate keys found ({entry.key})")
        names.add((entry.key, entry.context))
    return entries


def compile_file(template: str, filling: Filling) -> str:
    """Return a YML file, either the template with other texts in it, or the texts alone."""
    return _fill(template, filling) if filling.keeps_template else _dump(template, filling)


# Without template: a new file that holds the given texts and nothing else.


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _dump(template: str, filling: Filling) -> str:
    tree: dict[str | int, object] = {}
    for found in _texts(template, filling.source_categories)[1]:
        strings = filling.texts.get((found.entry.key, found.entry.context))
        if strings is None:
            continue
        value: object = strings["other"] if not found.entry.pluralized else dict(strings)
        _place(tree, found.entry.key.split("."), value)
    document = {filling.language: _lists(tree)}
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=2**31)


def _place(tree: dict[str | int, object], parts: list[str], value: object) -> None:
    for part in parts[:-1]:
        below = tree.setdefault(_unescape(part), {})
        if not isinstance(below, dict):
            return
        tree = below
    tree[_unescape(parts[-1])] = value


def _unescape(part: str) -> str | int:
    if re.fullmatch(r"<[-+]?\d+>", part):
        return int(part[1:-1])
    return part.replace(_DOT, ".")


def _lists(value: object) -> object:
    """Return the tree with maps of list items as lists; an item that is not there lets the next ones move up."""
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, str) and re.fullmatch(r"\[\d+\]", key) for key in value):
        return [_lists(item) for item in value.values()]
    return {key: _lists(item) for key, item in value.items()}


# With template: the source file again, every text replaced where it stands.


def _fill(template: str, filling: Filling) -> str:
    root, texts = _texts(template, filling.source_categories)
    edits = [(root.start_mark.index, root.end_mark.index, filling.language)]
    for found in texts:
        strings = filling.texts.get((found.entry.key, found.entry.context), {})
        if isinstance(found.node, yaml.MappingNode):
            edits.append(_plural_edit(found.node, strings, filling.categories))
        else:
            edits.append(_scalar_edit(template, found.node, strings.get("other", "")))
    pieces, position = [], 0
    for start, end, replacement in sorted(edits):
        pieces += [template[position:start], replacement]
        position = end
    return "".join([*pieces, template[position:]])


def _scalar_edit(template: str, node: yaml.Node, text: str) -> tuple[int, int, str]:
    start, end = node.start_mark.index, node.end_mark.index
    written = template[start:end]
    prefix = re.match(r"((?:[&!]\S*\s+)*)", written)
    kept = prefix[1] if prefix else ""
    style = written[len(kept) : len(kept) + 1]
    if style in ("|", ">"):
        # A block's span takes in its line end.
        return start, end, f"{kept}{_double(text)}\n"
    if style == "'" and "\n" not in text and text.isprintable():
        return start, end, kept + "'" + text.replace("'", "''") + "'"
    if style not in ("'", '"') and _is_plain_safe(text):
        return start, end, kept + text
    return start, end, kept + _double(text)


def _plural_edit(node: yaml.MappingNode, strings: Mapping[str, str], categories: Sequence[str]) -> tuple[int, int, str]:
    forms = [f"{category}: {_double(strings.get(category, ''))}" for category in categories]
    start = node.start_mark.index
    if node.flow_style:
        return start, node.end_mark.index, "{" + ", ".join(forms) + "}"
    last = node.value[-1][1]
    block = isinstance(last, yaml.ScalarNode) and last.style in ("|", ">")
    return start, last.end_mark.index, ("\n" + " " * node.start_mark.column).join(forms) + ("\n" if block else "")


def _double(text: str) -> str:
    # JSON's quoting is YAML's for all it writes with ensure_ascii off, but for what YAML does not print.
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _is_plain_safe(text: str) -> bool:
    if not re.fullmatch(r"[^\W\d_][\w .()/-]*", text) or text.endswith(" "):
        return False
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    return node is not None and node.tag == f"{_TAG}str"
