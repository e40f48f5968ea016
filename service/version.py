"""The version of the service, as it was installed."""

from importlib.metadata import PackageNotFoundError, version


def _installed_version() -> str:
    try:
        return version("primero-translation-bridge")
    except PackageNotFoundError:
        return "0+unknown"


VERSION = _installed_version()
