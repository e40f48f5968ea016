"""Where Transifex reports what happened: public, proven by a signature."""

from fastapi import APIRouter, Request

from service.sync.service.hooks import take_delivery
from service.web.bodies import RawBodyDep
from service.web.resources import NowDep, ResourcesDep

router = APIRouter()


@router.post("/hooks/transifex/{deployment}", status_code=204, include_in_schema=False)
def take(deployment: str, request: Request, body: RawBodyDep, resources: ResourcesDep, now: NowDep) -> None:
    """Take a delivery: 204 for what is signed, whatever it says; 404 for everything else."""
    take_delivery(
        resources.database,
        deployment,
        request.headers,
        body,
        public_url=resources.settings.public_url,
        secrets=resources.secrets,
        now=now,
    )
