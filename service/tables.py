"""Every table of the one schema, for migrations, backup and tests."""

from sqlalchemy import MetaData

from service.announcing import models as _announcing
from service.audit import models as _audit
from service.auth import models as _auth
from service.bundles import models as _bundles
from service.catalog import models as _catalog
from service.checks import models as _checks
from service.db import Table
from service.deployments import models as _deployments
from service.jobs import models as _jobs
from service.mail import models as _mail
from service.primero import models as _primero
from service.progress import models as _progress
from service.review import models as _review
from service.sync import models as _sync
from service.tally import models as _tally
from service.volunteers import models as _volunteers

MODULES = (
    _announcing, _audit, _auth, _bundles, _catalog, _checks, _deployments, _jobs, _mail, _primero, _progress, _review,
    _sync, _tally, _volunteers,
)  # fmt: skip

metadata: MetaData = Table.metadata
