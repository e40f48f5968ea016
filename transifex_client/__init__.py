"""A client of Transifex's REST API v3. It knows nothing of Primero, of a database, of a web framework."""

from transifex_client.client import BULK_LIMIT, TransifexClient, bulks
from transifex_client.configuration import LIVE_DOWNLOAD_ORIGIN, LIVE_URL, Configuration

__all__ = ["BULK_LIMIT", "LIVE_DOWNLOAD_ORIGIN", "LIVE_URL", "Configuration", "TransifexClient", "bulks"]
