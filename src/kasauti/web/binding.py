"""Where a server may listen: on the loopback, elsewhere only encrypted or where its owner takes the risk."""

import re
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

import msgspec

from kasauti.errors import ConfigError

Network = IPv4Network | IPv6Network

#: Names under which a server on the loopback may be called.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})

_NAME = re.compile(r"[\w.-]+|\[[0-9a-fA-F:.]+\]", re.ASCII)


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where the doors are: the address, the names they answer to, and what encrypts them.

    `certificate` and `key` are files in PEM, None for plain HTTP. `proxies` are those whose word is taken for
    who asks.
    """

    host: str = "127.0.0.1"
    names: frozenset[str] = LOOPBACK
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[Network, ...] = ()

    def is_proxy(self, address: str) -> bool:
        """Whether a connection from an address is that of a proxy, behind which there are many clients."""
        if not self.proxies:
            return False
        try:
            here = ip_address(address)
        except ValueError:
            return False
        return any(here in each for each in self.proxies)

    @property
    def url_host(self) -> str:
        """The address as a URL has it."""
        return _in_url(self.host)

    @property
    def is_encrypted(self) -> bool:
        """Whether what goes through the doors is encrypted."""
        return self.certificate is not None


def checked_binding(
    host: str,
    names: Collection[str],
    certificate: Path | None,
    key: Path | None,
    *,
    insecure: bool,
    proxies: Collection[str] = (),
) -> Binding:
    """
    Return where to listen.

    Raises `ConfigError` for an address other than the loopback without TLS, unless `insecure` takes the risk,
    for one half of what TLS needs or a file that is not there, for a name that no request can call, and for a
    proxy that is not an address or a network.
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
    return Binding(
        host=host,
        names=LOOPBACK | {_in_url(host)} | {_checked_name(each) for each in names},
        certificate=certificate,
        key=key,
        proxies=tuple(_network(each) for each in proxies),
    )


def _checked_name(name: str) -> str:
    """Return a name as requests are compared with it."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} is not the name of a host; give it as it stands in the address that is called, without"
            " https:// and without a port: desk.example"
        )
    return name.lower()


def _network(proxy: str) -> Network:
    try:
        return ip_network(proxy)
    except ValueError as error:
        raise ConfigError(
            f"{proxy!r} is not the address of a proxy: {error}; give one like 127.0.0.1 or 10.0.0.0/24"
        ) from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError as error:
        raise ConfigError(f"{host!r} is not an address to listen on; give one like 192.168.1.5") from error
