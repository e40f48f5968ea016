"""Writing results to disk, whole or not at all."""

from pathlib import Path

from service.errors import BadInput


def write_file(target: Path, data: bytes) -> None:
    """Write the file beside its place first, so that nobody ever finds half of it.

    Raises:
        BadInput: it cannot be written there.
    """
    partial = target.with_name(f".{target.name}.part")
    try:
        if target.exists() and not target.is_file():
            raise BadInput(f"{target} is not a file: name another place with -o.")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(data)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(target, error) from error


def cannot_write(target: Path, error: OSError) -> BadInput:
    """Return what is said of a place that cannot be written."""
    return BadInput(f"{target} cannot be written: {error.strerror}. Name another place with -o.")
