"""What a sync does: push, pull, sending what was decided here, and the runs that record them."""

from service.sync.service.pulling import pull
from service.sync.service.pushing import push
from service.sync.service.runs import Progress, RunReport, no_progress
from service.sync.service.sending import send

__all__ = ["Progress", "RunReport", "no_progress", "pull", "push", "send"]
