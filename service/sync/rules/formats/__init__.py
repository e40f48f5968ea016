"""The formats in which texts go to Transifex: what the file holds, and how a text is named there. Pure."""

from service.deployments.rules import ResourceFormat
from service.sync.rules.formats.gettext_po import Po
from service.sync.rules.formats.model import PLAIN, Line, Spelling, TextFormat, unit_hash
from service.sync.rules.formats.rails_yaml import RailsYaml
from service.sync.rules.formats.spelling import choose_spelling, find_escaping
from service.sync.rules.formats.structured_json import StructuredJson

FORMATS: dict[ResourceFormat, TextFormat] = {
    ResourceFormat.YML: RailsYaml(),
    ResourceFormat.STRUCTURED_JSON: StructuredJson(),
    ResourceFormat.PO: Po(),
}

__all__ = ["FORMATS", "PLAIN", "Line", "Spelling", "TextFormat", "choose_spelling", "find_escaping", "unit_hash"]
