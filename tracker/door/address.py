"""The address somebody asks from: the client's own, also where a proxy stands in front."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of whoever asks; None where none is known (a socket of this machine).

    Behind a proxy it is the last one of X-Forwarded-For, which our own proxy has added: what stands before it is what
    the client claims. Without a proxy nobody is believed, and the connection's own address counts.
    """
    if settings.BEHIND_PROXY:
        added = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
        return _read(added) or _read(request.META.get("REMOTE_ADDR", ""))
    return _read(request.META.get("REMOTE_ADDR", ""))


def neighbourhood(request: HttpRequest) -> str:
    """The address as far as one client cannot change it: the first half of an IPv6 address."""
    address = client_address(request) or ""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _read(text: str) -> str | None:
    """The address in canonical form; None for anything else."""
    try:
        found: IPv4Address | IPv6Address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
