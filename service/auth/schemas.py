"""The shapes of the API's answers about the one who asks."""

from pydantic import BaseModel, Field

from service.auth.models import Role
from service.auth.rules import PERMISSIONS, Grant, Identity, Permission


class MembershipAnswer(BaseModel):
    """A role in one deployment or all, for some locales or all."""

    role: Role
    deployment_id: int | None = Field(description="The deployment; null means all of them.")
    locales: list[str] | None = Field(description="The locales; null means all of them.")
    permissions: list[Permission] = Field(description="What the role allows.")

    @classmethod
    def of(cls, grant: Grant) -> "MembershipAnswer":
        """Return the answer for one membership."""
        return cls(
            role=grant.role,
            deployment_id=grant.deployment_id,
            locales=None if grant.locales is None else sorted(grant.locales),
            permissions=[permission for permission in Permission if permission in PERMISSIONS[grant.role]],
        )


class MeAnswer(BaseModel):
    """Who asks, as the service sees it."""

    person_id: str | None
    username: str
    memberships: list[MembershipAnswer]

    @classmethod
    def of(cls, identity: Identity) -> "MeAnswer":
        """Return the answer for one identity."""
        return cls(
            person_id=identity.person_id,
            username=identity.actor.label,
            memberships=[MembershipAnswer.of(grant) for grant in identity.memberships],
        )
