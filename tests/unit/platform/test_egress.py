import asyncio

import pytest

from cairn.platform.egress import AddressRefused, EgressSession, address_allowed


@pytest.mark.parametrize(
    ("address", "public", "anywhere"),
    [
        ("93.184.216.34", True, True),
        ("127.0.0.1", False, True),
        ("10.1.2.3", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),  # noqa: S104 - an address to refuse, not to bind.
        ("224.0.0.1", False, False),
    ],
)
def test_where_a_session_may_go(address: str, public: bool, anywhere: bool) -> None:  # noqa: FBT001 - a table's columns.
    assert address_allowed(address, private_allowed=False) is public
    assert address_allowed(address, private_allowed=True) is anywhere


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/"])
async def test_a_public_session_refuses_this_machine_by_address_and_by_name(url: str) -> None:
    session = EgressSession.open(private_allowed=False)
    try:
        with pytest.raises(AddressRefused):
            await session.post(url, body=b"", headers=(), deadline=asyncio.get_running_loop().time() + 5)
    finally:
        await session.close()
