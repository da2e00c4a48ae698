"""Which addresses requests of ours may go to."""

import pytest

from servicekonto.oidc.reachable import is_reachable


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200"),
        *("169.254.169.254", "169.254.0.1", "0.0.0.0", "0.1.2.3", "255.255.255.255", "240.0.0.1"),  # noqa: S104
        *("224.0.0.1", "239.255.255.250", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1"),
        *("203.0.113.1", "168.63.129.16", "192.88.99.1"),
        *("::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "fec0::1"),
        *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe"),
        *("64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:a9fe:a9fe::1", "2002:0a00:0001::", "100::1"),
        "2001:0:4136:e378:8000:63bf:5601:5601",  # Teredo to 169.254.169.254
    ],
)
@pytest.mark.parametrize("with_loopback", [False, True])
def test_what_is_not_the_internet_is_out_of_reach(address: str, with_loopback: bool) -> None:
    assert not is_reachable(address, with_loopback=with_loopback)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::"],
)
def test_this_machine_only_in_a_demonstration(address: str) -> None:
    assert not is_reachable(address)
    assert is_reachable(address, with_loopback=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "64:ff9b::8.8.8.8"])
def test_the_internet_is_in_reach(address: str) -> None:
    assert is_reachable(address)
