"""Who may do what: one table, and the pure questions asked of it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from service.audit.service import Actor
from service.auth.models import Role
from service.errors import NotFound, NotPermitted


class Permission(StrEnum):
    """One thing that can be allowed."""

    DEPLOYMENT_VIEW = "deployment.view"
    DEPLOYMENT_MANAGE = "deployment.manage"
    SOURCE_IMPORT = "source.import"
    SCOPE_MANAGE = "scope.manage"
    TRANSLATIONS_IMPORT = "translations.import"
    SYNC_RUN = "sync.run"
    REVIEW_DECIDE = "review.decide"
    SIGN_OFF = "sign-off.sign"
    QUESTION_ANSWER = "question.answer"
    BASELINE_ACCEPT = "baseline.accept"
    CHECKS_MANAGE = "checks.manage"
    BUNDLE_BUILD = "bundle.build"
    BUNDLE_APPLY = "bundle.apply"
    INSTANCE_MANAGE = "instance.manage"
    VOLUNTEERS_MANAGE = "volunteers.manage"
    PEOPLE_MANAGE = "people.manage"
    AUDIT_VIEW = "audit.view"


MEANINGS: dict[Permission, str] = {
    Permission.DEPLOYMENT_VIEW: "see a deployment, its texts, runs, progress and releases",
    Permission.DEPLOYMENT_MANAGE: "create and change a deployment, its locales, project and credentials",
    Permission.SOURCE_IMPORT: "import a configuration, make another snapshot current",
    Permission.SCOPE_MANAGE: "choose what is to be translated, tag it, order it, and give forms to reviewers",
    Permission.TRANSLATIONS_IMPORT: "import translations from a file",
    Permission.SYNC_RUN: "exchange texts with Transifex",
    Permission.REVIEW_DECIDE: "approve, correct and reject texts",
    Permission.SIGN_OFF: "sign a language off, and take a sign-off back",
    Permission.QUESTION_ANSWER: "read, answer and resolve what volunteers ask on Transifex, and comment on texts",
    Permission.BASELINE_ACCEPT: "accept texts that are already live in Primero as baseline",
    Permission.CHECKS_MANAGE: "switch checks, waive findings, keep the glossary and the sensitive wording",
    Permission.BUNDLE_BUILD: "build bundles, make, withdraw and fetch releases",
    Permission.BUNDLE_APPLY: "give a bundle to a Primero instance, and take it back",
    Permission.INSTANCE_MANAGE: "add and change Primero instances and their passwords, and read from them",
    Permission.VOLUNTEERS_MANAGE: "see, bring in and write to volunteers",
    Permission.PEOPLE_MANAGE: "create, change and disable accounts and memberships, give out tokens",
    Permission.AUDIT_VIEW: "read the audit",
}

_VIEW = frozenset({Permission.DEPLOYMENT_VIEW})

#: What takes a person who was named reviewer: neither whoever runs the service nor its command line does it by that.
_REVIEWING = frozenset({Permission.REVIEW_DECIDE, Permission.SIGN_OFF})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - _REVIEWING,
    Role.SPECIALIST: _VIEW
    | {
        Permission.DEPLOYMENT_MANAGE,
        Permission.SOURCE_IMPORT,
        Permission.SCOPE_MANAGE,
        Permission.TRANSLATIONS_IMPORT,
        Permission.SYNC_RUN,
        Permission.QUESTION_ANSWER,
        Permission.BASELINE_ACCEPT,
        Permission.CHECKS_MANAGE,
        Permission.BUNDLE_BUILD,
        Permission.VOLUNTEERS_MANAGE,
        Permission.AUDIT_VIEW,
        Permission.INSTANCE_MANAGE,
    },
    Role.REVIEWER: _VIEW | _REVIEWING | {Permission.QUESTION_ANSWER},
    Role.RELEASE_ENGINEER: _VIEW | {Permission.BUNDLE_BUILD, Permission.BUNDLE_APPLY, Permission.INSTANCE_MANAGE},
    Role.OBSERVER: _VIEW,
}

#: What a membership for some locales allows in those locales only; everything else it allows as a whole.
BY_LOCALE = frozenset(
    {
        Permission.REVIEW_DECIDE,
        Permission.SIGN_OFF,
        Permission.QUESTION_ANSWER,
        Permission.TRANSLATIONS_IMPORT,
        Permission.BUNDLE_BUILD,
        Permission.BUNDLE_APPLY,
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A membership: a role in one deployment or all (None), for some locales or all (None)."""

    role: Role
    deployment_id: int | None = None
    locales: frozenset[str] | None = None

    def covers(self, deployment_id: int | None) -> bool:
        """Return whether it holds in a deployment; None asks for "all of them, and new ones"."""
        return self.deployment_id is None or self.deployment_id == deployment_id

    def allows(self, permission: Permission, locale: str | None) -> bool:
        """Return whether it allows this in a locale; None asks for all locales."""
        if permission not in PERMISSIONS[self.role]:
            return False
        return self.locales is None or permission not in BY_LOCALE or locale in self.locales


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks. ``person_id`` is None for the operator on the command line, who is nobody in particular."""

    actor: Actor
    person_id: str | None
    memberships: tuple[Grant, ...]

    def may(self, permission: Permission, deployment_id: int | None, locale: str | None = None) -> bool:
        """Return whether the permission is given.

        Args:
            permission: what is to be done.
            deployment_id: in which deployment; None means "in every one, and in those to come".
            locale: in which locale; None means "in all of them".
        """
        if permission in _REVIEWING and self.person_id is None:
            return False
        return any(grant.covers(deployment_id) and grant.allows(permission, locale) for grant in self.memberships)

    def may_somewhere(self, permission: Permission, deployment_id: int) -> bool:
        """Return whether the permission is given in the deployment, be it in some locale only."""
        return any(grant.covers(deployment_id) and permission in PERMISSIONS[grant.role] for grant in self.memberships)

    def can_see(self, deployment_id: int) -> bool:
        """Return whether the deployment exists as far as this identity is concerned."""
        return self.may(Permission.DEPLOYMENT_VIEW, deployment_id)

    def require(self, permission: Permission, deployment_id: int | None, locale: str | None = None) -> None:
        """Do nothing where the permission is given.

        Raises:
            NotFound: the deployment may not even be seen.
            NotPermitted: it may be seen, but this is not allowed.
        """
        if deployment_id is not None and not self.can_see(deployment_id):
            raise NotFound("There is no such deployment, or you are not a member of it.")
        if not self.may(permission, deployment_id, locale):
            raise NotPermitted(_refusal(permission, deployment_id, locale), details={"permission": permission.value})


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that give a permission, in the order of the table."""
    return [role for role, given in PERMISSIONS.items() if permission in given]


def _refusal(permission: Permission, deployment_id: int | None, locale: str | None) -> str:
    where = "for all deployments" if deployment_id is None else "in this deployment"
    locale_part = f" for {locale}" if locale and permission in BY_LOCALE else ""
    roles = " or ".join(role.value for role in roles_with(permission))
    return f"Your role does not allow you to {MEANINGS[permission]}{locale_part} {where}: it takes the role {roles}."


def operator(host: str) -> Identity:
    """Return the identity of the command line without a token: may administer everything, may never review."""
    return Identity(Actor(f"operator@{host}"), None, (Grant(Role.ADMINISTRATOR),))


def describe_grants(grants: Collection[Grant]) -> list[dict[str, object]]:
    """Return memberships as plain values for the audit: role, deployment id, locales."""
    return [
        {
            "role": grant.role.value,
            "deployment_id": grant.deployment_id,
            "locales": None if grant.locales is None else sorted(grant.locales),
        }
        for grant in grants
    ]
