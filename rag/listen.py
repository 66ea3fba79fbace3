"""Where to listen, and whether that is allowed. Knows sockets and settings, no route."""

from __future__ import annotations

import ipaddress
import socket

from index.config import Settings
from index.errors import UsageError


def check_address(settings: Settings) -> None:
    """Refuse to be reachable from other machines without a token.

    Raises: UsageError.
    """
    if not is_loopback(settings.host) and not settings.api_token:
        raise UsageError(
            f"Listening on {settings.host} opens citeback to other machines, and no token is set: "
            "set CITEBACK_API_TOKEN to a long random value, or use --host 127.0.0.1."
        )


def listening(settings: Settings) -> socket.socket:
    """Return the socket to serve on, bound before anything slow is loaded.

    Raises: UsageError (address taken or not of this machine).
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's delay off only then: 45 ms an answer otherwise.
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host.strip("[]"), settings.port))
        door.listen(256)  # at once: two that are bound but do not listen yet would not notice each other
    except OSError as error:
        door.close()
        raise UsageError(
            f"Cannot listen on {settings.host} port {settings.port} ({error.strerror}): "
            "choose another with --port, or end the program that holds it."
        ) from error
    return door


def address_of(door: socket.socket) -> str:
    """Return the address to open in a browser."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def is_loopback(host: str) -> bool:
    """True when only this machine can reach a listener on ``host``."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
