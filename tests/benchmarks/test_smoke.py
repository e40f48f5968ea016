"""The benchmarks run and compare like with like; how fast they are is never asserted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from benchmarks import dashboards
from benchmarks.applying import measure as measure_apply
from benchmarks.bundles import make_texts
from benchmarks.checks import as_pairs, check_everything
from benchmarks.configurations import make_configuration, make_spread_configuration
from benchmarks.measuring import measure
from benchmarks.pages import fill
from benchmarks.texts import TARGETS, make_pairs
from extractors.writing import translation_documents, yaml_members
from extractors.yaml_text import load_yaml
from service.auth.dependencies import SESSION_COOKIE
from service.db import Database


@pytest.mark.parametrize("size", [1, 7, 997])
def test_both_ways_find_every_text_of_a_configuration_of_any_size(size: int, tmp_path: Path) -> None:
    """The bridge and the peer read the same number of texts, the number that was asked for."""
    file = tmp_path / "configuration.json"
    file.write_text(json.dumps(make_configuration(size)), "utf-8")
    assert [measure(way, file).texts for way in ("extract", "walk")] == [size, size]


@pytest.mark.slow
def test_the_command_prints_a_row_for_the_smallest_size(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`python -m benchmarks 10000` measures both ways in processes of their own and prints one row a file."""
    from benchmarks.__main__ import main

    monkeypatch.setenv("BRIDGE_TEST_CORPUS", str(tmp_path / "absent"))
    monkeypatch.setattr("sys.argv", ["benchmarks", "10000"])
    main()
    printed = capsys.readouterr()
    assert "10,000" in printed.out
    assert "set BRIDGE_TEST_CORPUS" in printed.err


def test_texts_are_spread_over_as_many_forms_as_asked_for(tmp_path: Path) -> None:
    """Sixty-five forms, each a resource on Transifex, share 1,400 texts."""
    configuration = make_spread_configuration(65, 1400)
    file = tmp_path / "configuration.json"
    file.write_text(json.dumps(configuration), "utf-8")
    assert len(configuration["FormSection"]) == 65
    assert measure("extract", file).texts == 1400


@pytest.mark.slow
def test_pulls_are_measured_beside_the_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A small run: both find the same texts, and an unchanged cycle costs what it may."""
    from benchmarks.syncing import main

    monkeypatch.setattr("sys.argv", ["syncing", "--forms=3", "--units=27", "--languages=3", "--latency=0.01"])
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    assert main() == 0
    printed = capsys.readouterr().out
    assert "script, as in the manual │ 10 " in printed
    assert "with nothing changed cost 2 requests, 2 are allowed: kept" in printed


def test_the_pairs_of_texts_are_sound_and_as_many_as_asked_for() -> None:
    """No check finds anything in them, so that every one of them runs to its end; all languages have their share."""
    pairs = make_pairs(3000)
    assert len(pairs) == 3000
    assert check_everything(pairs) == 0
    assert {locale: len(found) > 300 for locale, found in as_pairs(pairs).items()} == dict.fromkeys(TARGETS, True)


def test_the_checks_are_measured_with_and_without_a_peer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without one the table stands alone and says how to give one; an interpreter without the toolkit is told of."""
    from benchmarks.checks import main

    monkeypatch.setenv("BRIDGE_TEST_CORPUS", str(tmp_path / "absent"))
    monkeypatch.setattr("sys.argv", ["checks", "600"])
    main()
    printed = capsys.readouterr()
    assert "generated 600" in printed.out
    assert "--peer" in printed.err
    monkeypatch.setattr("sys.argv", ["checks", "600", "--peer", sys.executable])
    with pytest.raises(SystemExit, match="translate-toolkit is not installed"):
        main()


def test_the_pages_of_the_generated_deployment_open(database: Database, client: TestClient) -> None:
    """What the pages are measured on is a deployment that they show: two fifths approved, the rest waiting."""
    client.cookies.set(SESSION_COOKIE, fill(database, 400), domain="localhost.local", path="/")
    page = client.get("/deployments/bench/locales/ar/queue", headers={"Accept": "text/html"})
    assert "160 of 400 texts approved" in page.text
    assert "240 texts wait for you" in page.text
    card = client.get("/deployments/bench/locales/ar/card?after=200", headers={"Accept": "text/html"})
    assert "Is question 202 of the interview" in card.text


@pytest.mark.slow
def test_an_apply_is_measured_beside_the_bare_requests() -> None:
    """Both write the same records; the apply, which also looks and compares, takes some CPU."""
    bare, full, cpu = measure_apply(make_spread_configuration(3, 12), 0.0, rounds=1)
    assert bare > 0
    assert cpu > 0
    assert full > 0


def test_dashboards_are_measured_on_true_counters(database: Database, tmp_path: Path) -> None:
    """Every page of progress opens on the generated deployment, and a recount agrees with its counters."""
    found = dashboards.measure(database, tmp_path, 2_000)
    assert set(found) == {name for name, _ in dashboards.PAGES} | {"counting anew"}


def test_a_bundle_is_written_from_the_documents_that_the_peer_is_given() -> None:
    """Both write the same texts: what the bridge writes reads back as exactly those documents."""
    texts = make_texts(81)
    written = {member.name: load_yaml(member.data.decode(), member.name) for member in yaml_members(texts, "fr")}
    assert written == {f"{stem}.yml": tree for stem, tree in translation_documents(texts, "fr").items()}
    assert len({key for key, _ in texts}) == 81
