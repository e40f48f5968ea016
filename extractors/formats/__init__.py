"""The formats that are read and written, by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from extractors.formats.api_json import parse as api_parse
from extractors.formats.api_json import serialize as api_serialize
from extractors.formats.configuration_json import parse as configuration_parse
from extractors.formats.configuration_json import serialize as configuration_serialize
from extractors.formats.gettext_po import parse as po_parse
from extractors.formats.gettext_po import serialize as po_serialize
from extractors.formats.translation_yaml import parse as yaml_parse
from extractors.formats.translation_yaml import serialize as yaml_serialize
from extractors.parsed import Parsed, Skeleton
from extractors.reading import Member
from extractors.units import Catalog


class Parse(Protocol):
    """Reads members of one format into a catalog."""

    def __call__(self, members: tuple[Member, ...], source_locale: str = "en") -> Parsed:
        """Return the catalog and the skeleton it was read from."""


class Serialize(Protocol):
    """Writes a catalog back into its skeleton."""

    def __call__(self, catalog: Catalog, skeleton: Skeleton) -> tuple[Member, ...]:
        """Return the files."""


class Format(NamedTuple):
    """A format: how it is called to people, and its two functions."""

    label: str
    parse: Parse
    serialize: Serialize


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        configuration_parse.NAME: Format(
            "configuration JSON", configuration_parse.parse, configuration_serialize.serialize
        ),
        api_parse.NAME: Format("saved API answers", api_parse.parse, api_serialize.serialize),
        yaml_parse.NAME: Format("translation YAML", yaml_parse.parse, yaml_serialize.serialize),
        po_parse.NAME: Format("gettext PO", po_parse.parse, po_serialize.serialize),
    }
)
"""Every format by name, as :func:`extractors.detect.detect` gives it."""
