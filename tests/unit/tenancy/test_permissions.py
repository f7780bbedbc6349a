"""Who may do what, as one table that is reviewed like code."""

from cairn.entrypoints.authorization import ACTIONS
from cairn.kernel.identity import Role
from cairn.tenancy.domain import PERMISSIONS, hash_token, new_token

MATRIX = """
          author reviewer maintainer admin
read      yes    yes      yes        yes
write     yes    yes      yes        yes
import    -      -        yes        yes
ask       yes    yes      yes        yes
configure -      -        -          yes
"""


def test_the_permission_matrix() -> None:
    roles = [Role.AUTHOR, Role.REVIEWER, Role.MAINTAINER, Role.ADMIN]
    lines = [" " * 10 + " ".join(roles)]
    for action, allowed in PERMISSIONS.items():
        cells = [("yes" if role in allowed else "-").ljust(len(role)) for role in roles]
        lines.append(f"{action:<9} {' '.join(cells)}".rstrip())
    assert "\n".join(lines) == MATRIX.strip("\n")


def test_no_rpc_is_open_to_the_system_role() -> None:
    assert {action for action in ACTIONS.values() if Role.SYSTEM in PERMISSIONS[action]} == set()


def test_tokens_are_long_and_kept_only_as_hashes() -> None:
    first, second = new_token(), new_token()
    assert first != second
    assert len(first) > 40
    assert first.removeprefix("cairn_").encode() not in hash_token(first)
    assert len(hash_token(first)) == 32
