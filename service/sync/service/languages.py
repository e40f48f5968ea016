"""The languages of the Transifex project: the source's has to agree, missing targets are added."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.deployments.client import as_service_error
from service.deployments.rules import default_language
from service.errors import Refused
from service.sync.service.runs import OpenRun
from transifex_client.errors import TransifexError


@dataclass(slots=True)
class Languages:
    """The wanted languages that the project has or now has, and what became of those that it lacked."""

    present: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    trouble: str = ""


def check_source_language(run: OpenRun) -> None:
    """Make sure that the project takes texts in the deployment's source language.

    Raises:
        Refused: it does not.
    """
    ours = default_language(run.deployment.source_locale)
    theirs = run.client.get_project(run.project).source_language
    # A project in en_GB takes English texts; one in French would take them for French.
    if ours.replace("-", "_").partition("_")[0] != theirs.replace("-", "_").partition("_")[0]:
        raise Refused(
            f"The Transifex project's source language is {theirs}, and the texts are in {ours}: connect the deployment "
            "to a project in its source language."
        )


def add_languages(run: OpenRun, wanted: Sequence[str]) -> Languages:
    """Add the wanted languages that the project lacks, as far as Transifex knows and allows them."""
    there = {language.code for language in run.client.list_project_languages(run.project)}
    found = Languages([code for code in wanted if code in there])
    missing = [code for code in wanted if code not in there]
    if not missing:
        return found
    known = {language.code for language in run.client.list_languages(codes=missing)}
    found.added = [code for code in missing if code in known]
    found.unknown = [code for code in missing if code not in known]
    if found.added:
        try:
            run.client.add_project_languages(run.project, found.added)
        except TransifexError as error:
            # The source texts go up all the same: other languages wait for them.
            found.trouble, found.added = as_service_error(error).message, []
    return found
