"""Settings: read once at the start, from ORDITO_* variables and a TOML file. All faults at once."""

import difflib
import ipaddress
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from ordito.platform.masking import MASK, is_secret
from ordito.platform.problems import Fault, InvalidInput, Problem
from ordito.platform.validation import convert

PREFIX = "ORDITO_"

CONFIG_VARIABLE = "ORDITO_CONFIG"
"""Names the TOML file. A setting is called there as its variable, in small letters, unprefixed."""

_FOR_TESTS = "ORDITO_TEST_"


class SettingsInvalid(Problem):
    """Ordito did not start, because a setting is unknown or has a value that can't be used.

    Correct what the message lists (docs/settings.md says what there is) and start again.
    """

    slug = "settings-invalid"
    title = "The settings are not valid"
    status = 500


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set from outside. A variable is its field with ORDITO_ before it."""

    data_dir: Annotated[str, Meta(min_length=1)]
    """Folder of the embedded database and of files. By default `ordito` in the user's data folder:
    `$XDG_DATA_HOME` or `~/.local/share`, `~/Library/Application Support`, `%LOCALAPPDATA%`."""

    database_url: str = ""
    """A PostgreSQL 17 or newer to use, as `postgresql://user:password@host:5432/ordito` or in
    libpq's `key=value` form. Empty: the embedded one is started."""

    owner_url: str = ""
    """The same database as a role that may change its tables, for `ordito db upgrade`, `dump` and
    `restore`; ORDITO_DATABASE_URL can then name a role that may only change rows. Empty: one role
    does both, and the program gives up what it doesn't need."""

    postgres_bin: str = ""
    """Folder with the programs of a PostgreSQL to embed, in place of the one that comes along."""

    embedded_idle_s: Annotated[float, Meta(ge=0, le=86_400)] = 30.0
    """Seconds that the embedded database goes on after the last program that uses it has ended."""

    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    """Address to listen on; `0.0.0.0` or `::` for all of them. The demo stays on loopback."""

    port: Annotated[int, Meta(ge=0, le=65_535)] = 8000
    """Port to listen on; 0 takes a free one."""

    processes: Annotated[int, Meta(ge=1, le=64)] = 1
    """Processes that serve requests; two on two cores place orders fastest."""

    public_url: str = ""
    """Scheme and host by which people reach Ordito, such as `https://orders.example.com`: for
    links, cookies and origin checks. Empty: taken from each request."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose X-Forwarded-For and -Proto are believed,
    separated by commas."""

    pool_size: Annotated[int, Meta(ge=2, le=500)] = 12
    """Database connections at most, for each process."""

    key_requests_per_s: Annotated[float, Meta(ge=0, le=1_000_000)] = 500.0
    """Requests a second that one API key may make for long, and ten times as many at once, in each
    process; what is more is answered with 429 and when to come back. 0: as many as it likes."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important events that are logged."""

    log_format: Literal["json", "console"] = "json"
    """One JSON object a line, or text for people."""

    metrics_token: str = ""
    """Bearer token for /metrics, 16 characters or more. Empty: only loopback may read them."""

    smtp_url: str = ""
    """Mail server, as `smtp://user:password@host:587` (STARTTLS where the server offers it),
    `smtps://…:465` (TLS from the start) or `smtp+starttls://…` (STARTTLS or nothing). Empty: mails
    are kept, and shown as waiting."""

    mail_from: str = ""
    """Address that mails come from, as `orders@example.com` or `Example shop <orders@example.com>`;
    needed together with ORDITO_SMTP_URL."""

    webhooks_lan: bool = False
    """Webhooks may go to http and to private addresses: for tests, and inside a company. Whoever
    may make webhooks can then call whatever this machine reaches."""

    pseudo_languages: bool = False
    """Two pretend languages can be chosen under "My account": one with longer, accented words, one
    also mirrored. For those who build or translate pages."""

    session_idle_s: Annotated[int, Meta(ge=60, le=31_536_000)] = 43_200
    """Seconds without a request after which a session ends; twelve hours span a shift."""

    session_absolute_s: Annotated[int, Meta(ge=60, le=31_536_000)] = 604_800
    """Seconds after which a session ends in any case."""

    @classmethod
    def load(cls, env: Mapping[str, str]) -> "Settings":
        """The settings of an environment. Raises SettingsInvalid, listing every fault."""
        written = _Written(env)
        faults: list[Fault] = []
        try:
            settings = convert(cls, written.values, strict=False)
        except InvalidInput as problem:
            faults += problem.errors
            settings = convert(cls, written.without(faults), strict=False)
        faults += _broken_rules(settings)
        if faults or written.faults:
            raise written.refused(faults)
        return settings

    @property
    def data_folder(self) -> Path:
        return Path(self.data_dir).expanduser()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        pairs = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return [(name, MASK if value and is_secret(name) else value) for name, value in pairs]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


def default_data_dir(env: Mapping[str, str], platform: str = sys.platform) -> str:
    """Where a user's data belongs on this platform; "" when the environment names no home."""
    if platform == "win32":
        home = env.get("LOCALAPPDATA", "")
        return f"{home}\\Ordito" if home else ""
    if platform == "darwin":
        home = env.get("HOME", "")
        return f"{home}/Library/Application Support/Ordito" if home else ""
    data_home = env.get("XDG_DATA_HOME", "")
    if data_home.startswith("/"):
        return f"{data_home}/ordito"
    home = env.get("HOME", "")
    return f"{home}/.local/share/ordito" if home else ""


class _Written:
    """What was written where: raw values, their sources, and the faults of the writing itself."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.values: dict[str, Any] = {}
        self.faults: list[Fault] = []
        self._sources = {name: f"{PREFIX}{name.upper()}" for name in Settings.__struct_fields__}
        self._read_file(env.get(CONFIG_VARIABLE, ""))
        self._read_variables(env)
        if "data_dir" not in self.values:
            self.values["data_dir"] = default_data_dir(env)

    def refused(self, faults: Iterable[Fault]) -> SettingsInvalid:
        """The problem, with each fault under the name by which the setting was written."""
        told = [*self.faults, *(self._renamed(fault) for fault in faults)]
        lines = "\n".join(f"  {fault.pointer.removeprefix('/')}: {fault.detail}" for fault in told)
        return SettingsInvalid(f"The settings are not valid:\n{lines}", errors=told)

    def without(self, faults: Iterable[Fault]) -> dict[str, Any]:
        """The values that have no fault, so that the rules for these can be told as well."""
        bad = {_name(fault) for fault in faults}
        kept = {name: value for name, value in self.values.items() if name not in bad}
        return {"data_dir": "."} | kept

    def _renamed(self, fault: Fault) -> Fault:
        name, detail = _name(fault), fault.detail
        if name == "data_dir" and not self.values["data_dir"]:
            detail = "No home folder is known here; set it."
        return Fault(self._sources[name], fault.code, detail)

    def _read_file(self, path: str) -> None:
        if not path:
            return
        try:
            content = tomllib.loads(Path(path).read_text("utf-8"))
        except OSError as error:
            self._add(CONFIG_VARIABLE, "unreadable", f"{path} can't be read: {error.strerror}.")
        except ValueError as error:
            self._add(CONFIG_VARIABLE, "malformed", f"{path} is no valid TOML: {error}.")
        else:
            for name, value in content.items():
                source = f"{name} in {path}"
                if name in self._sources:
                    self.values[name] = value
                    self._sources[name] = source
                else:
                    self._add(source, "unknown", _no_such(name, list(self._sources)))

    def _read_variables(self, env: Mapping[str, str]) -> None:
        variables = {f"{PREFIX}{name.upper()}": name for name in Settings.__struct_fields__}
        for variable in sorted(env):
            known = variable == CONFIG_VARIABLE or not variable.startswith(PREFIX)
            if known or variable.startswith(_FOR_TESTS):
                continue
            name = variables.get(variable)
            if name is None:
                self._add(variable, "unknown", _no_such(variable, list(variables)))
            elif env[variable]:
                # Set to nothing means not set: compose files and shells can't unset.
                self.values[name] = _split(env[variable]) if name in _LISTS else env[variable]
                self._sources[name] = variable

    def _add(self, source: str, code: str, detail: str) -> None:
        self.faults.append(Fault(source, code, detail))


_LISTS = frozenset({"trusted_proxies"})


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _name(fault: Fault) -> str:
    return fault.pointer.split("/")[1]


def _no_such(name: str, known: list[str]) -> str:
    # What they have in common says nothing of how near they are.
    bare = {one.removeprefix(PREFIX): one for one in known}
    near = difflib.get_close_matches(name.removeprefix(PREFIX), bare, n=1, cutoff=0.7)
    hint = f"did you mean {bare[near[0]]}?" if near else "docs/settings.md lists all."
    return f"There is no such setting; {hint}"


def _broken_rules(settings: Settings) -> Iterator[Fault]:
    """What the types alone can't say."""
    for name, is_kept, detail in _RULES:
        if not is_kept(settings):
            yield Fault(f"/{name}", "rule", detail)


OWN_ADDRESS = "settings.own_address"
"""In the memory of the database: what `own_address` gives."""


def own_address(settings: Settings) -> str:
    """Scheme and host of links in mails that no reader's request asked for."""
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def _is_postgres(settings: Settings) -> bool:
    url = settings.database_url
    return not url or url.startswith(("postgresql://", "postgres://")) or "=" in url


def _is_owner(settings: Settings) -> bool:
    url = settings.owner_url
    known = url.startswith(("postgresql://", "postgres://")) or "=" in url
    return not url or (known and bool(settings.database_url))


def _is_origin(settings: Settings) -> bool:
    if not settings.public_url:
        return True
    try:
        parts = urlsplit(settings.public_url)
        is_bare = parts.path in {"", "/"} and not parts.query and not parts.username
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_bare
    except ValueError:
        return False


def _are_networks(settings: Settings) -> bool:
    try:
        for network in settings.trusted_proxies:
            ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
    return True


def _is_mail_server(settings: Settings) -> bool:
    if not settings.smtp_url:
        return True
    try:
        parts = urlsplit(settings.smtp_url)
        known = parts.scheme in {"smtp", "smtps", "smtp+starttls"} and parts.path in {"", "/"}
        return known and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_sender(settings: Settings) -> bool:
    if not settings.mail_from:
        return not settings.smtp_url
    _name, address = parseaddr(settings.mail_from)
    return settings.mail_from.isprintable() and address.isascii() and "@" in address[1:-1]


_RULES: tuple[tuple[str, Callable[[Settings], bool], str], ...] = (
    ("database_url", _is_postgres, "Expected postgresql://… or key=value pairs."),
    (
        "owner_url",
        _is_owner,
        "Expected as ORDITO_DATABASE_URL, which is needed too.",
    ),
    ("public_url", _is_origin, "Expected scheme and host alone, as https://orders.example.com."),
    ("trusted_proxies", _are_networks, "Expected addresses or networks, as 10.0.0.1,10.1.0.0/16."),
    ("smtp_url", _is_mail_server, "Expected smtp://user:password@host:587 or smtps://…"),
    ("mail_from", _is_sender, "Expected an address, as orders@example.com, where mail is sent."),
    (
        "metrics_token",
        lambda s: not s.metrics_token or len(s.metrics_token) >= 16,
        "Expected at least 16 characters, or nothing.",
    ),
    (
        "session_absolute_s",
        lambda s: s.session_absolute_s >= s.session_idle_s,
        "Expected at least as long as ORDITO_SESSION_IDLE_S.",
    ),
)
