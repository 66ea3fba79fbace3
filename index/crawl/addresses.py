"""Which addresses may be connected to. Knows no URL and no host name: it judges the address a socket is made for."""

from __future__ import annotations

import ipaddress
import socket

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


def is_public(address: str) -> bool:
    """Return whether an IP address (no name) is one of the open internet.

    IPv4 addresses wrapped in IPv6 (mapped, compatible, NAT64, 6to4, Teredo) are judged by what they wrap.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if wrapped is None and (any(ip in network for network in _NAT64) or int(ip) >> 32 == 0):
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped:
            ip = wrapped
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def literal(host: str) -> str | None:
    """Return the address a host name spells out in any notation ("2130706433", "0x7f.1", "[::1]"), or None for a name."""
    bare = host.strip("[]")
    if ":" in bare:
        return bare
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except (OSError, UnicodeError):
        return None
