"""Puts a catalog's texts back into the configuration it was read from."""

from extractors.formats.configuration_json.parse import locate
from extractors.json_records.texts import put_back
from extractors.json_records.walk import CONFIGURATION, walk_records
from extractors.json_text import dump_json, load_json
from extractors.parsed import Skeleton
from extractors.problems import ProblemLog
from extractors.reading import Member
from extractors.units import Catalog


def serialize(catalog: Catalog, skeleton: Skeleton) -> tuple[Member, ...]:
    """Return the files with the catalog's texts; parts that are no units come out as they went in.

    A text in a locale that a unit did not have is added, one that the catalog lacks is taken out. Units without a
    place in the skeleton are ignored.
    """
    documents = [(member.name, load_json(member.data, member.name)) for member in skeleton.members]
    located = [place for name, document in documents for place in locate(document, name)]
    put_back(walk_records(located, CONFIGURATION, ProblemLog()), catalog)
    return tuple(Member(name, dump_json(document)) for name, document in documents)
