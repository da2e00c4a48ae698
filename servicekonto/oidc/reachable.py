"""Which addresses of the network requests of ours may go to. Whoever registers a website, or has its name,
must not reach with our help what is behind our walls (SSRF: RFC 9700 § 4.16, OWASP).
"""

import ipaddress

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_FORBIDDEN = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments, among them metadata of one provider
    ipaddress.ip_network("168.63.129.16/32"),  # metadata of a large provider, on a public address
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4
)


def is_reachable(text: str, *, with_loopback: bool = False) -> bool:
    """Only what belongs to the whole internet. ``with_loopback``: and this machine, for demonstrations."""
    address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_loopback:
        return with_loopback
    is_forbidden = any(address in network for network in _FORBIDDEN)
    is_unicast = address in _UNICAST if address.version == 6 else not address.is_multicast
    return address.is_global and is_unicast and not address.is_reserved and not is_forbidden


def _plain(address: IpAddress) -> IpAddress:
    """The IPv4 address that some IPv6 addresses lead to."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    teredo = address.teredo
    inner = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
    if address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address
