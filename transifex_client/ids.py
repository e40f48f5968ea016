"""Ids of Transifex's things, built and taken apart. Pure.

An id tells the place of the thing: ``o:ORG:p:PROJECT:r:RESOURCE:s:HASH:l:CODE``. Source: Transifex's OpenAPI document.
A slug or code that does not fit the documented pattern is a mistake of the caller and raises ``ValueError``.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_ORGANIZATION = re.compile(r"[A-Za-z0-9._-]+")
_SLUG = re.compile(r"[A-Za-z0-9_-]+")
_LANGUAGE = re.compile(r"[A-Za-z0-9@_.-]+")
_USER = re.compile(r"[\w.-]+")
_HASH = re.compile(r"[0-9a-f]{32}")


def _checked(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(f"{value!r} cannot be {what} on Transifex: only {pattern.pattern} can")
    return value


def organization_id(slug: str) -> str:
    """Return ``o:SLUG``."""
    return f"o:{_checked(_ORGANIZATION, slug, 'the slug of an organization')}"


def project_id(organization: str, slug: str) -> str:
    """Return the id of a project from the two slugs."""
    return f"{organization_id(organization)}:p:{_checked(_SLUG, slug, 'the slug of a project')}"


def resource_id(project: str, slug: str) -> str:
    """Return the id of a resource from its project's id and its slug."""
    return f"{project}:r:{_checked(_SLUG, slug, 'the slug of a resource')}"


def language_id(code: str) -> str:
    """Return ``l:CODE``."""
    return f"l:{_checked(_LANGUAGE, code, 'the code of a language')}"


def user_id(username: str) -> str:
    """Return ``u:NAME``."""
    return f"u:{_checked(_USER, username, 'a user name')}"


def string_hash(key: str, context: str = "") -> str:
    """Return the hash that names a source string: MD5 of ``key:context``, the colon also without a context.

    ``key`` is the *escaped* key that the resource's format makes (see :func:`escape_yml_key`).
    """
    return hashlib.md5(f"{key}:{context}".encode(), usedforsecurity=False).hexdigest()


def string_id(resource: str, key: str, context: str = "") -> str:
    """Return the id of the source string with this escaped key and context in a resource."""
    return f"{resource}:s:{string_hash(key, context)}"


def translation_id(string: str, language: str) -> str:
    """Return the id of the translation of a source string (its id) into a language (its code)."""
    return f"{string}:{language_id(language)}"


def team_id(organization: str, slug: str) -> str:
    """Return the id of a team from the two slugs."""
    return f"{organization_id(organization)}:t:{_checked(_SLUG, slug, 'the slug of a team')}"


def membership_id(team: str, language: str, username: str) -> str:
    """Return the id of the membership of a person (user name) in a team (its id) for a language (its code)."""
    return f"{team}:{language_id(language)}:{user_id(username)}"


def escape_yml_key(path: Sequence[str]) -> str:
    """Return the key that Transifex gives the text at this path of a YAML (Rails) file, the root key left out.

    Every part is a string key; a dot inside one becomes ``<TX_DOT>``.
    """
    return ".".join(part.replace(".", "<TX_DOT>") for part in path)


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of an id, None for what the id does not reach down to."""

    organization: str
    project: str | None = None
    resource: str | None = None
    string_hash: str | None = None
    language: str | None = None

    @property
    def project_id(self) -> str:
        """Return the id of the project.

        Raises:
            ValueError: the place is an organization.
        """
        return project_id(self.organization, self._need(self.project))

    @property
    def resource_id(self) -> str:
        """Return the id of the resource.

        Raises:
            ValueError: the place is an organization or a project.
        """
        return resource_id(self.project_id, self._need(self.resource))

    @property
    def string_id(self) -> str:
        """Return the id of the source string.

        Raises:
            ValueError: the place is above a source string.
        """
        return f"{self.resource_id}:s:{self._need(self.string_hash)}"

    def _need(self, part: str | None) -> str:
        if part is None:
            raise ValueError(f"{self} lies above what was asked for")
        return part


_PLACE = re.compile(
    rf"o:(?P<organization>{_ORGANIZATION.pattern})"
    rf"(:p:(?P<project>{_SLUG.pattern})"
    rf"(:r:(?P<resource>{_SLUG.pattern})"
    rf"(:s:(?P<string_hash>{_HASH.pattern}))?"
    rf"(:l:(?P<language>{_LANGUAGE.pattern}))?)?)?"
)


def parse_place(text: str) -> Place:
    """Return the parts of an organization's, project's, resource's, string's, translation's or statistic's id.

    Raises:
        ValueError: it is none of these.
    """
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not an id of Transifex such as o:ORG:p:PROJECT:r:RESOURCE")
    return Place(**found.groupdict())


def parse_language_id(text: str) -> str:
    """Return the code in ``l:CODE``.

    Raises:
        ValueError: it is not a language's id.
    """
    return _tail(text, "l:", _LANGUAGE)


def parse_user_id(text: str) -> str:
    """Return the name in ``u:NAME``.

    Raises:
        ValueError: it is not a user's id.
    """
    return _tail(text, "u:", _USER)


def _tail(text: str, prefix: str, pattern: re.Pattern[str]) -> str:
    tail = text.removeprefix(prefix)
    if tail == text or not pattern.fullmatch(tail):
        raise ValueError(f"{text!r} is not an id of Transifex such as {prefix}NAME")
    return tail
