"""Calls about organizations, projects, their languages and resources."""

from collections.abc import Sequence

from transifex_client.client.calls import Calls, filters, given, id_in_path, to_one, write_body
from transifex_client.ids import language_id, parse_place, project_id, resource_id
from transifex_client.resources import (
    I18nFormat,
    Language,
    NewProject,
    NewResource,
    Organization,
    Project,
    Resource,
    read_format,
    read_language,
    read_organization,
    read_project,
    read_resource,
)
from transifex_client.wire import Call


class ProjectCalls(Calls):
    """Organizations, projects, languages, file formats, resources."""

    def list_organizations(self, *, slug: str | None = None) -> tuple[Organization, ...]:
        """Return the organizations that the token's user may see."""
        return self._list("/organizations", filters(slug=slug), read_organization)

    def list_projects(self, organization: str, *, slug: str | None = None) -> tuple[Project, ...]:
        """Return the projects of an organization (its id)."""
        return self._list("/projects", filters(organization=organization, slug=slug), read_project)

    def get_project(self, project: str) -> Project:
        """Return a project by its id; :class:`NotFound` when there is none."""
        return read_project(self._get(f"/projects/{id_in_path(project)}", self._short()))

    def create_project(self, new: NewProject) -> Project:
        """Create a project; :class:`Conflict` when its slug is taken."""
        attributes = given(
            name=new.name,
            slug=new.slug,
            private=new.private,
            description=new.description,
            license=new.license,
            repository_url=new.repository_url,
        )
        related = {
            "organization": to_one("organizations", new.organization),
            "source_language": to_one("languages", language_id(new.source_language)),
        }
        if new.team is not None:
            related["team"] = to_one("teams", new.team)
        body = write_body({"type": "projects", "attributes": attributes, "relationships": related})
        # Transifex documents 200 here, and 201 for every other create.
        call = Call("POST", "/projects", body=body, repeatable=False, expected=(200, 201))
        place = project_id(parse_place(new.organization).organization, new.slug)
        find = self._find(f"/projects/{id_in_path(place)}", read_project, lambda found: found.name == new.name)
        return self._create(call, read_project, find, guarded=True)

    def list_project_languages(self, project: str) -> tuple[Language, ...]:
        """Return the target languages of a project."""
        return self._list(f"/projects/{id_in_path(project)}/languages", {}, read_language)

    def add_project_languages(self, project: str, codes: Sequence[str]) -> None:
        """Add target languages to a project, which may change what the organization pays."""
        data = [{"type": "languages", "id": language_id(code)} for code in codes]
        link = f"/projects/{id_in_path(project)}/relationships/languages"
        self._wire.exchange(Call("POST", link, body=write_body(data), expected=(200, 204)), self._short())

    def list_languages(self, *, codes: Sequence[str] | None = None) -> tuple[Language, ...]:
        """Return the languages that Transifex knows, or those of these codes that it knows."""
        query = {} if codes is None else {"filter[code][any]": ",".join(codes)}
        return self._list("/languages", query, read_language)

    def list_formats(self, organization: str) -> tuple[I18nFormat, ...]:
        """Return the file formats that an organization (its id) may use."""
        return self._list("/i18n_formats", filters(organization=organization), read_format)

    def list_resources(self, project: str) -> tuple[Resource, ...]:
        """Return the resources of a project."""
        return self._list("/resources", filters(project=project), read_resource)

    def get_resource(self, resource: str) -> Resource:
        """Return a resource by its id; :class:`NotFound` when there is none."""
        return read_resource(self._get(f"/resources/{id_in_path(resource)}", self._short()))

    def create_resource(self, new: NewResource) -> Resource:
        """Create a resource, which is empty until a source is uploaded; :class:`Conflict` when its slug is taken."""
        attributes = given(
            name=new.name,
            slug=new.slug,
            priority=new.priority,
            accept_translations=new.accept_translations,
            categories=list(new.categories) or None,
        )
        related = {"project": to_one("projects", new.project), "i18n_format": to_one("i18n_formats", new.i18n_format)}
        body = write_body({"type": "resources", "attributes": attributes, "relationships": related})
        call = Call("POST", "/resources", body=body, repeatable=False, expected=(200, 201))
        link = f"/resources/{id_in_path(resource_id(new.project, new.slug))}"
        find = self._find(link, read_resource, lambda found: found.name == new.name)
        return self._create(call, read_resource, find, guarded=True)

    def update_resource(
        self,
        resource: str,
        *,
        name: str | None = None,
        priority: str | None = None,
        accept_translations: bool | None = None,
        categories: Sequence[str] | None = None,
    ) -> Resource:
        """Change what is given of a resource and return it."""
        attributes = given(
            name=name,
            priority=priority,
            accept_translations=accept_translations,
            categories=None if categories is None else list(categories),
        )
        return read_resource(self._change("resources", resource, attributes))
