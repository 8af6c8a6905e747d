"""Settings from variables and a file."""

from pathlib import Path

import pytest

from ordito.platform.settings import Settings, SettingsInvalid, default_data_dir

HOME = {"HOME": "/home/ann"}


def refused(env: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(SettingsInvalid) as caught:
        Settings.load(HOME | env)
    return [(fault.pointer, fault.detail) for fault in caught.value.errors]


def test_nothing_has_to_be_set() -> None:
    settings = Settings.load(HOME)
    assert settings == Settings(data_dir=default_data_dir(HOME))
    assert settings.database_url == ""
    assert (settings.host, settings.port, settings.processes) == ("127.0.0.1", 8000, 1)


def test_variables_are_read_by_their_types() -> None:
    settings = Settings.load(
        {
            "ORDITO_DATA_DIR": "~/orders",
            "ORDITO_DATABASE_URL": "host=db dbname=ordito",
            "ORDITO_PORT": "8080",
            "ORDITO_EMBEDDED_IDLE_S": "1",
            "ORDITO_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16,",
            "ORDITO_LOG_FORMAT": "console",
            "ORDITO_PUBLIC_URL": "https://orders.example.com/",
            "PATH": "/bin",
            "ORDITO_TEST_SERVER": "anything",
        }
    )
    assert settings.port == 8080
    assert settings.embedded_idle_s == 1.0
    assert settings.trusted_proxies == ("10.0.0.1", "10.1.0.0/16")
    assert settings.log_format == "console"
    assert settings.data_folder == Path("~/orders").expanduser()


def test_set_to_nothing_means_not_set() -> None:
    assert Settings.load(HOME | {"ORDITO_PORT": "", "ORDITO_CONFIG": ""}).port == 8000


def test_every_unknown_variable_and_bad_value_is_told_at_once() -> None:
    assert refused(
        {
            "ORDITO_PROT": "8080",
            "ORDITO_COLOUR": "red",
            "ORDITO_PORT": "http",
            "ORDITO_PROCESSES": "0",
            "ORDITO_LOG_LEVEL": "loud",
        }
    ) == [
        ("ORDITO_COLOUR", "There is no such setting; docs/settings.md lists all."),
        ("ORDITO_PROT", "There is no such setting; did you mean ORDITO_PORT?"),
        ("ORDITO_PORT", 'Expected a whole number, got the text "http".'),
        ("ORDITO_PROCESSES", "Expected a number from 1, got the number 0."),
        (
            "ORDITO_LOG_LEVEL",
            'Expected one of debug, error, info, warning, got the text "loud".',
        ),
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ORDITO_DATABASE_URL", "mysql://localhost/x"),
        ("ORDITO_OWNER_URL", "postgresql://owner@localhost/ordito"),
        ("ORDITO_PUBLIC_URL", "orders.example.com"),
        ("ORDITO_PUBLIC_URL", "https://orders.example.com/shop"),
        ("ORDITO_PUBLIC_URL", "https://[bad"),
        ("ORDITO_TRUSTED_PROXIES", "10.0.0.1,proxy.local"),
        ("ORDITO_METRICS_TOKEN", "short"),
        ("ORDITO_SESSION_ABSOLUTE_S", "60"),
        ("ORDITO_PORT", "65536"),
        ("ORDITO_PORT", "99999999999999999999999"),
    ],
)
def test_values_that_can_not_work_are_refused(variable: str, value: str) -> None:
    assert [name for name, _ in refused({variable: value})] == [variable]


def test_the_message_lists_every_fault_on_a_line_without_secrets() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Settings.load(
            HOME | {"ORDITO_METRICS_TOKEN": "tooshort", "ORDITO_X": "y", "ORDITO_PORT": "x"}
        )
    assert str(caught.value).splitlines() == [
        "The settings are not valid:",
        "  ORDITO_X: There is no such setting; docs/settings.md lists all.",
        '  ORDITO_PORT: Expected a whole number, got the text "x".',
        "  ORDITO_METRICS_TOKEN: Expected at least 16 characters, or nothing.",
    ]


def test_secrets_are_not_in_what_is_printed() -> None:
    settings = Settings.load(
        HOME
        | {
            "ORDITO_METRICS_TOKEN": "0123456789abcdef",
            "ORDITO_DATABASE_URL": "postgresql://ordito:s3cret@db/x",
        }
    )
    assert "0123456789abcdef" not in f"{settings} {settings!r} {settings.__rich_repr__()}"
    assert "s3cret" not in f"{settings} {settings!r} {settings.__rich_repr__()}"
    assert "port=8000" in repr(settings)


def config(folder: Path, text: str) -> dict[str, str]:
    file = folder / "ordito.toml"
    file.write_text(text, "utf-8")
    return HOME | {"ORDITO_CONFIG": str(file)}


def test_a_file_gives_settings_and_the_environment_wins(tmp_path: Path) -> None:
    env = config(tmp_path, 'port = 1\nhost = "0.0.0.0"\ntrusted_proxies = ["10.0.0.1"]\n')
    settings = Settings.load(env | {"ORDITO_PORT": "2"})
    assert (settings.port, settings.host) == (2, "0.0.0.0")
    assert settings.trusted_proxies == ("10.0.0.1",)


def test_faults_in_a_file_name_the_file(tmp_path: Path) -> None:
    env = config(tmp_path, 'port = "x"\nprot = 1\n')
    path = env["ORDITO_CONFIG"]
    assert refused(env) == [
        (f"prot in {path}", "There is no such setting; did you mean port?"),
        (f"port in {path}", 'Expected a whole number, got the text "x".'),
    ]


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.toml")
    assert refused({"ORDITO_CONFIG": missing}) == [
        ("ORDITO_CONFIG", f"{missing} can't be read: No such file or directory.")
    ]
    (name, detail), *_ = refused(config(tmp_path, "port = = 1"))
    assert name == "ORDITO_CONFIG"
    assert "no valid TOML" in detail
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    assert "no valid TOML" in refused({"ORDITO_CONFIG": str(binary)})[0][1]


@pytest.mark.parametrize(
    ("platform", "env", "folder"),
    [
        ("linux", {"HOME": "/home/ann"}, "/home/ann/.local/share/ordito"),
        ("linux", {"HOME": "/home/ann", "XDG_DATA_HOME": "/data"}, "/data/ordito"),
        ("linux", {"HOME": "/home/ann", "XDG_DATA_HOME": "data"}, "/home/ann/.local/share/ordito"),
        ("darwin", {"HOME": "/Users/ann"}, "/Users/ann/Library/Application Support/Ordito"),
        ("win32", {"LOCALAPPDATA": r"C:\Users\ann\Local"}, r"C:\Users\ann\Local\Ordito"),
        ("linux", {}, ""),
    ],
)
def test_data_lies_where_the_platform_keeps_it(
    platform: str, env: dict[str, str], folder: str
) -> None:
    assert default_data_dir(env, platform) == folder


def test_without_a_home_the_data_folder_must_be_named() -> None:
    with pytest.raises(SettingsInvalid, match="ORDITO_DATA_DIR: No home folder is known"):
        Settings.load({})
