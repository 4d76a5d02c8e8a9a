"""A wrong setting stops the start with one line that says which."""

from pathlib import Path

import pytest

from api.settings import load_settings
from fleet.settings import SettingsError


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLAADE_PORT", "eighty"),
        ("FLAADE_PORT", "70000"),
        ("FLAADE_DATABASE_URL", "mysql://x"),
        ("FLAADE_HOST", "everywhere"),
        ("FLAADE_COVERAGE_MIN", "1.5"),
        ("FLAADE_POSITION_EARLIEST", "long ago"),
        ("FLAADE_LEAST_SAVING_KR_YEAR", "inf"),
        ("FLAADE_LEAST_SAVING_KR_YEAR", "1e308"),
        ("FLAADE_OPTIMISER_SECONDS_MAX", "nan"),
        ("FLAADE_TRACKER_IDLE_S", "1e308"),
        ("FLAADE_PAGES_URL", "flaade.example.dk"),
        ("FLAADE_SESSION_IDLE_MINUTES", "1"),
        ("FLAADE_CONFIG", "no-such-file.toml"),
        ("FLAADE_PROT", "8080"),
        ("FLAADE_TELTONIKA_NETWORKS", "10.0.0.0/8,everywhere"),
        ("FLAADE_TELTONIKA_NETWORKS", "10.0.0.1/8"),
        ("FLAADE_MQTT_URL", "http://broker"),
        ("FLAADE_PAGES_URL", "flaade.kommune.dk"),
        ("FLAADE_PAGES_URL", "https://"),
        ("FLAADE_HOST_NAMES", "https://flaade.kommune.dk"),
        ("FLAADE_HOST_NAMES", "flaade.kommune.dk:443"),
        ("FLAADE_TRUSTED_PROXIES", "everywhere"),
        ("FLAADE_OIDC_ISSUER", "http://sign-in.example"),
        ("FLAADE_OIDC_SCOPES", "profile"),
        ("FLAADE_OIDC_ROLES", "admins=administrator"),
        ("FLAADE_OIDC_ROLES_ADMINS", "administrator"),
        ("FLAADE_OIDC_DEPARTMENTS", '["Park"]'),
        ("FLAADE_MQTT_TOPIC", "flaade/positions"),
        ("FLAADE_MQTT_TOPIC", "flaade/{device}/#"),
    ],
)
def test_a_wrong_value_or_name_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("flaade.toml").write_text('port = 9000\nmunicipality = "Allerød"\n')
    monkeypatch.setenv("FLAADE_PORT", "9001")
    settings = load_settings()
    assert (settings.port, settings.municipality) == (9001, "Allerød")


def test_networks_are_a_list_in_the_file_and_text_with_commas_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("flaade.toml").write_text('teltonika_networks = ["10.0.0.0/8", "2001:db8::/32"]\n')
    of_the_file = load_settings().teltonika_networks
    monkeypatch.setenv("FLAADE_TELTONIKA_NETWORKS", "10.0.0.0/8, 2001:db8::/32")
    assert load_settings().teltonika_networks == of_the_file
    assert [str(network) for network in of_the_file] == ["10.0.0.0/8", "2001:db8::/32"]


def test_an_unknown_name_in_the_file_is_named() -> None:
    Path("flaade.toml").write_text("prot = 9000\n")
    with pytest.raises(SettingsError, match="FLAADE_PROT: "):
        load_settings()


def test_a_file_that_is_no_toml_is_one_line() -> None:
    Path("flaade.toml").write_text("port = = 1")
    with pytest.raises(SettingsError, match=r"flaade.toml: .*"):
        load_settings()


def test_everything_listens_on_loopback_by_default() -> None:
    assert load_settings().on_loopback
