"""What people do on the platform's web pages: translate, review, comment, edit a source text, delete a key."""

from collections.abc import Collection, Mapping
from datetime import datetime

from transifex_client.ids import user_id
from transifex_client.sandbox.comments import write_comment
from transifex_client.sandbox.http import Fault
from transifex_client.sandbox.state import CommentState, ResourceState, State, StringState
from transifex_client.sandbox.strings import check_source, write_source
from transifex_client.sandbox.translations import forms_wanted, write_review, write_text


def translate(
    state: State,
    resource: ResourceState,
    language: str,
    texts: Mapping[str, str | Mapping[str, str] | None],
    *,
    by: str,
    at: datetime,
) -> int:
    """Write texts in the editor, by escaped key; None empties one. Return how many changed."""
    strings = [_translatable(state, resource, language, key) for key in texts]
    state.greet(_checked_user(by))
    changed = 0
    for string, given in zip(strings, texts.values(), strict=True):
        if given is None:
            if string.translations.pop(language, None) is not None:
                resource.touch(language, at, translation=True)
                changed += 1
            continue
        forms = {"other": given} if isinstance(given, str) else dict(given)
        if set(forms) != forms_wanted(string, language) or not all(forms.values()):
            raise Fault(400, f"'{string.key}' wants {', '.join(sorted(forms_wanted(string, language)))}")
        changed += write_text(resource, string, language, forms, origin="EDITOR", user=by, now=at)
    return changed


def review(
    state: State,
    resource: ResourceState,
    language: str,
    keys: Collection[str],
    *,
    by: str,
    at: datetime,
    reviewed: bool = True,
) -> int:
    """Mark translations as reviewed in the editor, or take the mark away. Return how many were marked."""
    strings = [_translatable(state, resource, language, key) for key in keys]
    if missing := [string.key for string in strings if language not in string.translations]:
        raise Fault(400, f"'{missing[0]}' is not translated")
    state.greet(_checked_user(by))
    for string in strings:
        write_review(resource, string, language, reviewed=reviewed, user=by, now=at)
    return len(strings)


def comment(
    state: State,
    resource: ResourceState,
    language: str,
    key: str,
    message: str,
    *,
    by: str,
    at: datetime,
    unique: str,
    kind: str = "comment",
    priority: str = "normal",
) -> CommentState:
    """Write a comment, or open an issue (``kind``), beside a text (its escaped key) in the editor, and return it."""
    string = _translatable(state, resource, language, key)
    state.greet(_checked_user(by))
    return write_comment(
        state,
        f"{resource.id}:s:{string.hash}",
        language,
        message,
        kind=kind,
        category=None,
        priority=priority,
        by=by,
        at=at,
        unique=unique,
    )


def edit_source(
    state: State,
    resource: ResourceState,
    key: str,
    text: str | Mapping[str, str],
    *,
    by: str,
    at: datetime,
    keep_translations: bool = False,
) -> int:
    """Change a source text (its escaped key) in the editor, where its translations go unless they are kept.

    Return how many changed, 0 or 1.
    """
    string = _string(resource, key)
    forms = {"other": text} if isinstance(text, str) else dict(text)
    check_source(state, resource, string, forms)
    state.greet(_checked_user(by))
    return int(write_source(resource, string, forms, user=by, now=at, keep_translations=keep_translations))


def delete_key(state: State, resource: ResourceState, key: str, *, by: str, at: datetime) -> None:
    """Delete a source string (its escaped key) with its translations and comments; the next upload brings it back."""
    string = _string(resource, key)
    state.greet(_checked_user(by))
    del resource.strings[string.hash]
    resource.modified_at = at
    state.drop_comments(resource)


def sign_up(state: State, name: str) -> None:
    """Give a person an account."""
    state.greet(_checked_user(name))


def _translatable(state: State, resource: ResourceState, language: str, key: str) -> StringState:
    if language not in state.project_of(resource).languages:
        raise Fault(404, f"{language} is not a language of the project")
    return _string(resource, key)


def _string(resource: ResourceState, key: str) -> StringState:
    for string in resource.strings.values():
        if string.key == key:
            return string
    raise Fault(404, f"There is no string with the key '{key}'")


def _checked_user(name: str) -> str:
    try:
        user_id(name)
    except ValueError as error:
        raise Fault(400, str(error)) from None
    return name
