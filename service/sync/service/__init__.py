"""What a sync does: push, pull, and the runs that record both."""

from service.sync.service.pulling import pull
from service.sync.service.pushing import push
from service.sync.service.runs import Progress, RunReport, no_progress

__all__ = ["Progress", "RunReport", "no_progress", "pull", "push"]
