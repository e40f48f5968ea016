"""Bodies of requests, checked as strictly as the API's schema does: nothing unknown, nothing missing, right types."""

import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from transifex_client.sandbox.http import JSON_API, Fault, Request

BULK_LIMIT = 150

Check = Callable[[object], bool]


def text(value: object) -> bool:
    """Accept a text."""
    return isinstance(value, str)


def filled(value: object) -> bool:
    """Accept a text that is not empty."""
    return isinstance(value, str) and bool(value)


def text_or_null(value: object) -> bool:
    """Accept a text or null."""
    return value is None or isinstance(value, str)


def boolean(value: object) -> bool:
    """Accept true or false."""
    return isinstance(value, bool)


def texts(value: object) -> bool:
    """Accept a list of texts."""
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def limit_or_null(value: object) -> bool:
    """Accept null or a whole number that a character limit may have."""
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31)


def plural_texts(value: object) -> bool:
    """Accept an object of texts by plural category."""
    return isinstance(value, dict) and bool(value) and all(isinstance(entry, str) for entry in value.values())


def plural_texts_or_null(value: object) -> bool:
    """Accept an object of texts by plural category, or null."""
    return value is None or plural_texts(value)


def day(value: object) -> bool:
    """Accept a day such as 2024-03-01."""
    if not isinstance(value, str) or len(value) != len("2024-03-01"):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def web_address(value: object) -> bool:
    """Accept an http or https address with a host."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def one_of(*choices: str) -> Check:
    """Accept one of these texts."""
    return lambda value: value in choices


def up_to(length: int) -> Check:
    """Accept null or a text of at most this many characters."""
    return lambda value: value is None or (isinstance(value, str) and len(value) <= length)


@dataclass(frozen=True, slots=True)
class Schema:
    """What an object may hold. ``related`` maps a relationship to the type it must have."""

    kind: str
    attributes: Mapping[str, Check] = field(default_factory=dict)
    required: Collection[str] = ()
    related: Mapping[str, str] = field(default_factory=dict)
    required_related: Collection[str] = ()
    needs_attributes: bool = True


@dataclass(frozen=True, slots=True)
class Body:
    """A checked object: its attributes, and the ids its relationships name."""

    id: str | None
    attributes: dict[str, object]
    related: dict[str, str]


def read_body(request: Request, schema: Schema, *, identifier: str | None = None) -> Body:
    """Return the one object of a body; with ``identifier`` (a PATCH) it must name itself so.

    Raises:
        Fault: 400 when the body is not what the schema allows.
    """
    _check_type(request, bulk=False)
    body = _object(_data(request), schema, "/data", keyed=identifier is not None)
    if identifier is not None and body.id != identifier:
        raise Fault(400, f"'{body.id}' is not the id in the address", pointer="/data/id")
    return body


def read_bulk(request: Request, schema: Schema) -> list[Body]:
    """Return the 1 to 150 objects of a bulk body.

    Raises:
        Fault: 400 when the body is not what the schema allows.
    """
    _check_type(request, bulk=True)
    data = _data(request)
    if not isinstance(data, list) or not 1 <= len(data) <= BULK_LIMIT:
        raise Fault(400, f"'data' must be a list of 1 to {BULK_LIMIT} items", pointer="/data")
    bodies = [_object(entry, schema, f"/data/{index}", keyed=True) for index, entry in enumerate(data)]
    if len({body.id for body in bodies}) < len(bodies):
        raise Fault(400, "An id is given twice", pointer="/data")
    return bodies


def read_identifiers(request: Request, kind: str) -> list[str]:
    """Return the ids of a relationship's body.

    Raises:
        Fault: 400 when it is not a list of identifiers of this type.
    """
    _check_type(request, bulk=False)
    data = _data(request)
    if not isinstance(data, list):
        raise Fault(400, "'data' must be a list", pointer="/data")
    return [_identifier(entry, kind, f"/data/{index}") for index, entry in enumerate(data)]


def read_identifier(request: Request, kind: str) -> str:
    """Return the id in the body of a relationship to one.

    Raises:
        Fault: 400 when it is not an identifier of this type.
    """
    _check_type(request, bulk=False)
    return _identifier(_data(request), kind, "/data")


def is_bulk(request: Request) -> bool:
    """Return whether the request calls itself a bulk one."""
    return 'profile="bulk"' in request.headers.get("content-type", "").replace(" ", "")


def _check_type(request: Request, *, bulk: bool) -> None:
    if request.media_type != JSON_API:
        raise Fault(400, f"The content type must be {JSON_API}")
    if is_bulk(request) != bulk:
        raise Fault(400, f'The content type must {"" if bulk else "not "}have the profile "bulk" here')


def _data(request: Request) -> object:
    try:
        document = json.loads(request.body)
        # An escaped lone surrogate is valid JSON, and yet no text: nothing could write it out again.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Fault(400, "The body is not JSON") from None
    if not isinstance(document, dict) or "data" not in document:
        raise Fault(400, "'data' is a required property")
    _refuse_unknown(document, ("data",), "")
    return document["data"]


def _object(data: object, schema: Schema, pointer: str, *, keyed: bool) -> Body:
    if not isinstance(data, dict):
        raise Fault(400, "An object is expected", pointer=pointer)
    _refuse_unknown(data, ("type", "id", "attributes", "relationships") if keyed else _CREATE, pointer)
    if data.get("type") != schema.kind:
        raise Fault(400, f"'{data.get('type')}' is not '{schema.kind}'", pointer=f"{pointer}/type")
    if keyed and not isinstance(data.get("id"), str):
        raise Fault(400, "'id' is a required property", pointer=pointer)
    if "attributes" not in data and schema.needs_attributes:
        raise Fault(400, "'attributes' is a required property", pointer=pointer)
    attributes = _attributes(data.get("attributes", {}), schema, f"{pointer}/attributes")
    related = _relationships(data.get("relationships", {}), schema, f"{pointer}/relationships")
    return Body(data.get("id"), attributes, related)


_CREATE = ("type", "attributes", "relationships")


def _attributes(given: object, schema: Schema, pointer: str) -> dict[str, object]:
    if not isinstance(given, dict):
        raise Fault(400, "An object is expected", pointer=pointer)
    _refuse_unknown(given, schema.attributes, pointer)
    _require(given, schema.required, pointer)
    for name, value in given.items():
        if not schema.attributes[name](value):
            raise Fault(400, f"{json.dumps(value)[:80]} is not a valid {name}", pointer=f"{pointer}/{name}")
    return given


def _relationships(given: object, schema: Schema, pointer: str) -> dict[str, str]:
    if not isinstance(given, dict):
        raise Fault(400, "An object is expected", pointer=pointer)
    _refuse_unknown(given, schema.related, pointer)
    _require(given, schema.required_related, pointer)
    related = {}
    for name, relationship in given.items():
        if not isinstance(relationship, dict) or "data" not in relationship:
            raise Fault(400, "'data' is a required property", pointer=f"{pointer}/{name}")
        related[name] = _identifier(relationship["data"], schema.related[name], f"{pointer}/{name}/data")
    return related


def _identifier(data: object, kind: str, pointer: str) -> str:
    identifier = data.get("id") if isinstance(data, dict) and data.get("type") == kind else None
    if not isinstance(identifier, str):
        raise Fault(400, f"Type and id of one of the {kind} are expected", pointer=pointer)
    return identifier


def _refuse_unknown(given: Mapping[str, object], allowed: Collection[str], pointer: str) -> None:
    if unknown := [name for name in given if name not in allowed]:
        raise Fault(
            400,
            f"Additional properties are not allowed ('{unknown[0]}' was unexpected)",
            pointer=pointer or f"/{unknown[0]}",
        )


def _require(given: Mapping[str, object], names: Collection[str], pointer: str) -> None:
    for name in names:
        if name not in given:
            raise Fault(400, f"'{name}' is a required property", pointer=pointer)


def read_form(request: Request) -> dict[str, bytes]:
    """Return the fields and files of a multipart body by name.

    Raises:
        Fault: 400 when it cannot be read, or a field comes twice.
    """
    form: dict[str, bytes] = {}

    def add(name: bytes | None, value: bytes) -> None:
        key = (name or b"").decode(errors="replace")
        if key in form:
            raise Fault(400, f"'{key}' is given twice")
        form[key] = value

    def on_field(given: Field) -> None:
        add(given.field_name, given.value or b"")

    def on_file(given: File) -> None:
        given.file_object.seek(0)
        add(given.field_name, given.file_object.read())
        given.file_object.close()

    headers = {"Content-Type": request.headers.get("content-type", "").encode()}
    try:
        parse_form(headers, io.BytesIO(request.body), on_field, on_file)
    except (FormParserError, ValueError) as error:
        raise Fault(400, f"The multipart body cannot be read: {error}") from error
    return form
