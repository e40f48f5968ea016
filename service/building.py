"""Where the real things are made. Apart from the web application, which a command can do without and waits for."""

from service import clock
from service.db import Database
from service.settings import Settings
from service.web.resources import Resources
from service.web.secrets import KEY_FILE, SecretBox


def build_resources(settings: Settings) -> Resources:
    """Make everything real from the settings: the data folder, the database, the box of secrets, the clock."""
    folder = settings.make_data_dir()
    return Resources(
        settings=settings,
        database=Database(settings.effective_database_url),
        clock=clock.now,
        secrets=SecretBox(folder / KEY_FILE),
    )
