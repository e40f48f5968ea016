"""The file formats that the sandbox reads and writes, by their names on Transifex."""

from transifex_client.sandbox.formats import po, structured_json, yml
from transifex_client.sandbox.formats.model import Format

FORMATS: dict[str, Format] = {
    "YML": Format("YML", "YAML (Ruby on Rails)", (".yml", ".yaml"), yml.parse, yml.compile_file),
    "PO": Format("PO", "Gettext", (".po", ".pot"), po.parse, po.compile_file),
    "STRUCTURED_JSON": Format(
        "STRUCTURED_JSON", "JSON with metadata", (".json",), structured_json.parse, structured_json.compile_file
    ),
}
