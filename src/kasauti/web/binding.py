"""Where a server may listen: on the loopback, elsewhere only encrypted or where its owner takes the risk."""

from collections.abc import Collection
from ipaddress import ip_address
from pathlib import Path

import msgspec

from kasauti.errors import ConfigError

#: Names under which a server on the loopback may be called.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where the doors are: the address, the names they answer to, and what encrypts them.

    `certificate` and `key` are files in PEM, None for plain HTTP.
    """

    host: str = "127.0.0.1"
    names: frozenset[str] = LOOPBACK
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url_host(self) -> str:
        """The address as a URL has it."""
        return _in_url(self.host)

    @property
    def is_encrypted(self) -> bool:
        """Whether what goes through the doors is encrypted."""
        return self.certificate is not None


def checked_binding(
    host: str, names: Collection[str], certificate: Path | None, key: Path | None, *, insecure: bool
) -> Binding:
    """
    Return where to listen.

    Raises `ConfigError` for an address other than the loopback without TLS, unless `insecure` takes the risk,
    and for one half of what TLS needs or a file that is not there.
    """
    if (certificate is None) != (key is None):
        raise ConfigError("TLS needs both --tls-cert and --tls-key; name the other one too")
    for file in (certificate, key):
        if file is not None and not file.is_file():
            raise ConfigError(f"{file} is not a file; name the certificate and its key in PEM")
    if certificate is None and not insecure and not _is_loopback(host):
        raise ConfigError(
            f"{host} can be reached from other machines, and without TLS whoever is on the way reads every"
            " key: give --tls-cert and --tls-key, or take that risk with --insecure"
        )
    return Binding(host=host, names=LOOPBACK | {_in_url(host)} | set(names), certificate=certificate, key=key)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError as error:
        raise ConfigError(f"{host!r} is not an address to listen on; give one like 192.168.1.5") from error
