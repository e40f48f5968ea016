import pytest
from hypothesis import given
from hypothesis import strategies as st

from transifex_client import ids


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("form", "218554e7cec07883d9088581f4e5cdfd"),
        ("true", "908f519fabea6e6ad3f99d4899185a61"),
        ("nested.deep.name", "feefded17cc3f7e785dc62e5830b7825"),
    ],
)
def test_string_hash_gives_the_hashes_that_transifex_gives(key: str, expected: str) -> None:
    """A source string is named by the MD5 of its key and a colon, also when it has no context."""
    assert ids.string_hash(key) == expected


def test_context_enters_the_hash() -> None:
    """The same key in another context is another string."""
    assert ids.string_hash("form", "menu") != ids.string_hash("form")


def test_ids_are_built_from_the_outside_in() -> None:
    """An id holds the ids of everything around it."""
    project = ids.project_id("acme.org", "app_1")
    resource = ids.resource_id(project, "enyml")
    string = ids.string_id(resource, "form")
    assert ids.translation_id(string, "sr@latin") == (
        "o:acme.org:p:app_1:r:enyml:s:218554e7cec07883d9088581f4e5cdfd:l:sr@latin"
    )


@given(
    st.from_regex(r"[A-Za-z0-9._-]{1,9}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_-]{1,9}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_-]{1,9}", fullmatch=True),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=5),
    st.from_regex(r"[A-Za-z0-9@_.-]{1,9}", fullmatch=True),
)
def test_an_id_can_be_taken_apart_into_what_it_was_built_from(
    organization: str, project: str, resource: str, key: str, language: str
) -> None:
    """Building an id and parsing it gives the same parts."""
    place = ids.parse_place(
        ids.translation_id(
            ids.string_id(ids.resource_id(ids.project_id(organization, project), resource), key), language
        )
    )
    assert place == ids.Place(organization, project, resource, ids.string_hash(key), language)
    assert place.resource_id == ids.resource_id(ids.project_id(organization, project), resource)


@pytest.mark.parametrize("text", ["", "o:", "p:app", "o:acme:p:", "o:acme:r:x", "o:acme:p:app:r:x:s:xyz", "o:a/b"])
def test_what_is_no_id_is_refused(text: str) -> None:
    """A text that is not an id of Transifex raises, it is not guessed at."""
    with pytest.raises(ValueError, match="is not an id"):
        ids.parse_place(text)


@pytest.mark.parametrize("slug", ["", "a b", "a:p:b", "a/../b", "é"])
def test_a_slug_that_cannot_be_one_is_refused(slug: str) -> None:
    """A slug never smuggles another id or another path into an id."""
    with pytest.raises(ValueError, match="slug"):
        ids.project_id("acme", slug)


def test_languages_and_users_are_read_back_from_their_ids() -> None:
    """Codes and user names come out of their ids, other ids are refused."""
    assert ids.parse_language_id("l:pt_BR") == "pt_BR"
    assert ids.parse_user_id("u:amina.o") == "amina.o"
    with pytest.raises(ValueError, match="is not an id"):
        ids.parse_language_id("u:amina")


def test_a_dot_in_a_yml_key_is_escaped() -> None:
    """A dot inside one key cannot be taken for the step into another."""
    assert ids.escape_yml_key(["a.b", "c"]) == "a<TX_DOT>b.c"
