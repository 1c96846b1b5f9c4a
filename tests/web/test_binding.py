"""Where a server may listen."""

from pathlib import Path

import pytest

from kasauti.errors import ConfigError
from kasauti.web.binding import LOOPBACK, checked_binding


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "localhost"])
def test_on_the_loopback_nothing_has_to_be_encrypted(host: str) -> None:
    binding = checked_binding(host, ["desk.example"], None, None, insecure=False)
    assert not binding.is_encrypted
    assert binding.names == LOOPBACK | {host, "desk.example"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "8.8.8.8"])  # noqa: S104  that it is refused
def test_elsewhere_is_refused_without_tls_unless_the_risk_is_taken(host: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="whoever is on the way reads every key"):
        checked_binding(host, (), None, None, insecure=False)
    assert checked_binding(host, (), None, None, insecure=True).host == host
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.touch()
    key.touch()
    assert checked_binding(host, (), certificate, key, insecure=False).is_encrypted


def test_half_of_tls_and_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--tls-key"):
        checked_binding("127.0.0.1", (), tmp_path / "cert.pem", None, insecure=False)
    with pytest.raises(ConfigError, match=r"cert\.pem is not a file"):
        checked_binding("127.0.0.1", (), tmp_path / "cert.pem", tmp_path / "key.pem", insecure=False)
    with pytest.raises(ConfigError, match="'nowhere' is not an address"):
        checked_binding("nowhere", (), None, None, insecure=False)
