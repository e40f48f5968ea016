"""Source strings by tag and date, and changes of what translators are told about them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transifex_client.conftest import Ask, Clock
from transifex_client import BULK_LIMIT, TransifexClient, bulks
from transifex_client.errors import BadRequest
from transifex_client.ids import string_id
from transifex_client.resources import StringChange
from transifex_client.sandbox.http import Fault
from transifex_client.sandbox.tag_query import parse_tag_query


@pytest.fixture
def tagged(client: TransifexClient, resource: str) -> str:
    """Four texts: a is mobile and new, b is mobile, c is (new), d is nothing."""
    client.upload_source(resource, b"en:\n  a: A\n  b: B\n  c: C\n  d: D\n", keep_translations=False)
    tags = {"a": ("mobile", "new"), "b": ("mobile",), "c": ("(new)",)}
    client.update_strings([StringChange(string_id(resource, key), tags=given) for key, given in tags.items()])
    return resource


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ({}, "abcd"),
        ({"all_tags": ["mobile"]}, "ab"),
        ({"all_tags": ["mobile", "new"]}, "a"),
        ({"any_tags": ["new", "(new)"]}, "ac"),
        ({"any_tags": ["*"]}, "abc"),
        ({"any_tags": []}, "abcd"),
        ({"tagged": "mobile & new"}, "a"),
        ({"tagged": "new | (mobile)"}, "ab"),
        ({"tagged": "\\(new\\) | new & mobile"}, "ac"),
        ({"tagged": "(\\(new\\) | new) & mobile"}, "a"),
        ({"tagged": "none"}, ""),
        ({"all_tags": ["mobile"], "tagged": "new", "key": "a"}, "a"),
    ],
)
def test_strings_are_found_by_their_tags(
    client: TransifexClient, tagged: str, filters: dict[str, object], keys: str
) -> None:
    """All of some tags, one of some, any at all, or an expression of them."""
    found = client.list_strings(tagged, **filters)  # type: ignore[arg-type]
    assert "".join(string.key for string in found) == keys


def test_a_tag_with_a_comma_cannot_stand_in_a_list(client: TransifexClient, tagged: str) -> None:
    """A list of tags is parted by commas; a tag that holds one would ask for two others."""
    with pytest.raises(ValueError, match="comma"):
        client.list_strings(tagged, any_tags=["a,b"])


@pytest.mark.parametrize("text", ["", "a &", "| a", "(a", "a)", "()", "a b)", "&", "(" * 900, "a" * 1001])
def test_a_wrong_expression_is_refused(client: TransifexClient, tagged: str, text: str) -> None:
    """An expression that is none is refused, not guessed at."""
    with pytest.raises(BadRequest):
        client.list_strings(tagged, tagged=text)


@given(st.text(alphabet="ab&|()\\ ", max_size=30), st.frozensets(st.sampled_from(["a", "b", "ab"])))
def test_an_expression_is_a_test_or_a_refusal(text: str, tags: frozenset[str]) -> None:
    """Every text is either an expression, which says yes or no to any tags, or refused."""
    try:
        test = parse_tag_query(text, "filter[tags][query]")
    except Fault:
        return
    assert test(tags) in (True, False)


def test_strings_are_found_by_the_date_of_their_text(client: TransifexClient, clock: Clock, tagged: str) -> None:
    """Both ends count; a change of tags is no change of the text."""
    first = client.list_strings(tagged)[0].strings_modified_at
    assert first is not None
    clock.sleep(60)
    second = clock.now
    client.upload_source(tagged, b"en:\n  a: A2\n  b: B\n  c: C\n  d: D\n", keep_translations=True)
    client.update_strings([StringChange(string_id(tagged, "b"), tags=())])

    def keys(**filters: object) -> str:
        return "".join(string.key for string in client.list_strings(tagged, **filters))  # type: ignore[arg-type]

    assert keys(modified_since=first) == "abcd"
    assert keys(modified_since=second) == "a"
    assert keys(modified_since=second + timedelta(seconds=1)) == ""
    assert keys(modified_until=first) == "bcd"
    assert keys(modified_until=clock.now) == "abcd"


def test_tags_are_replaced_and_a_limit_is_taken_away_by_0(client: TransifexClient, tagged: str) -> None:
    """What is not named stays; tags replace the old ones; a limit of 0 is none; None takes instructions away."""
    a = string_id(tagged, "a")
    (said,) = client.update_strings([StringChange(a, instructions="Noun", character_limit=40)])
    assert (said.instructions, said.character_limit, said.tags) == ("Noun", 40, ("mobile", "new"))
    (said,) = client.update_strings([StringChange(a, tags=("old",))])
    assert (said.instructions, said.character_limit, said.tags) == ("Noun", 40, ("old",))
    (said,) = client.update_strings([StringChange(a, character_limit=0, instructions=None, tags=())])
    assert (said.instructions, said.character_limit, said.tags) == (None, None, ())


@pytest.mark.parametrize("change", [{"instructions": "x" * 1001}, {"character_limit": -1}, {"character_limit": 2**31}])
def test_one_wrong_change_refuses_the_whole_bulk(
    client: TransifexClient, tagged: str, change: dict[str, object]
) -> None:
    """A bulk change is all or nothing, and the place of the trouble is named."""
    wrong = StringChange(string_id(tagged, "b"), **change)  # type: ignore[arg-type]
    with pytest.raises(BadRequest) as caught:
        client.update_strings([StringChange(string_id(tagged, "a"), tags=()), wrong])
    assert (caught.value.about.pointer or "").startswith("/data/1/")
    assert client.list_strings(tagged, key="a")[0].tags == ("mobile", "new")


def test_more_than_a_bulk_goes_in_several(client: TransifexClient, resource: str) -> None:
    """151 changes are two requests, and each of them arrives."""
    lines = "".join(f"  k{number}: Text\n" for number in range(BULK_LIMIT + 1))
    client.upload_source(resource, f"en:\n{lines}".encode(), keep_translations=False)
    changes = [StringChange(string.id, tags=("all",)) for string in client.list_strings(resource)]
    before = client.requests_sent
    for group in bulks(changes):
        client.update_strings(group)
    assert client.requests_sent - before == 2
    assert len(client.list_strings(resource, all_tags=["all"])) == BULK_LIMIT + 1
    with pytest.raises(ValueError, match="at most 150"):
        client.update_strings(changes)


def test_an_expression_filters_translations_too(ask: Ask, tagged: str) -> None:
    """The tags of a string filter its translations by the same language."""
    target = f"/resource_translations?filter[resource]={tagged}&filter[language]=l:fr"
    document = ask("GET", f"{target}&filter[resource_string][tags][query]=mobile%26new").json()
    assert isinstance(document, dict)
    assert len(document["data"]) == 1
