"""Which addresses may be connected to. Knows no URL and no host name: it judges the address a socket is made for."""

from __future__ import annotations

import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that was ever given out; the rest has no use of its own
_NOT_GIVEN_OUT = (
    ipaddress.ip_network("3fff::/20"),  # documentation (RFC 9637), which Python 3.11 takes for public
    ipaddress.ip_network("192.0.0.0/24"),  # protocols of the IETF, and the metadata server of one cloud
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays, withdrawn (RFC 7526)
    ipaddress.ip_network("168.63.129.16/32"),  # the metadata and wire server of Azure's machines
)
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: the last 32 bits are an IPv4 address


def is_public(address: str) -> bool:
    """Return whether an IP address (no name) is one of the open internet.

    IPv4 addresses wrapped in IPv6 (mapped, compatible, NAT64, 6to4, Teredo, ISATAP) are judged by what they wrap; local
    NAT64 prefixes (RFC 8215), which may wrap anything anywhere, are never public.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if wrapped is None and (ip in _NAT64 or int(ip) >> 32 == 0 or int(ip) >> 32 & 0xFFFFFFFF in _ISATAP):
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped:
            ip = wrapped
        elif ip not in _GLOBAL_UNICAST:
            return False
    if any(ip in network for network in _NOT_GIVEN_OUT):
        return False
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
