"""Makes the virtual environment that the Makefile uses; says what is missing where it can't."""

import subprocess
import sys
import venv
from pathlib import Path

MISSING = """\
This Python can't make virtual environments. On Debian and Ubuntu that is a package of its own:

    sudo apt-get install python3-venv

Then run the same command again."""


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (told in words, before anything else fails)
        sys.exit(f"Ordito needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    folder = Path(sys.argv[1])
    if (folder / "bin" / "python").exists() and _has_pip(folder):
        return
    try:
        venv.create(folder, with_pip=True, clear=folder.exists())
    except (subprocess.CalledProcessError, ImportError, OSError) as fault:
        sys.exit(f"{MISSING}\n\n({fault})")


def _has_pip(folder: Path) -> bool:
    python = str(folder / "bin" / "python")
    outcome = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    return outcome.returncode == 0


if __name__ == "__main__":
    main()
