"""Versions: whoever changes a thing says which one they read."""

from ordito.platform.problems import VersionConflict


def check_version(noun: str, now: int, read: int | None) -> None:
    """Raises VersionConflict when the thing has changed since it was read."""
    if read is not None and read != now:
        raise VersionConflict(
            f"You read version {read}, the {noun} is at version {now} now."
            " Read it again and decide anew.",
            extra={"version": now},
        )
