"""Every table of the one schema, for migrations, backup and tests."""

from sqlalchemy import MetaData

from service.audit import models as _audit
from service.auth import models as _auth
from service.catalog import models as _catalog
from service.checks import models as _checks
from service.db import Table
from service.deployments import models as _deployments
from service.jobs import models as _jobs
from service.sync import models as _sync

MODULES = (_audit, _auth, _catalog, _checks, _deployments, _jobs, _sync)

metadata: MetaData = Table.metadata
