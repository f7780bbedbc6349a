"""Scopes on the wire."""

from cairn.decisions.domain.scopes import Scope
from cairn.gen.cairn.decisions.v1 import decisions_pb as pb


def scope_from_proto(scope: pb.Scope | None) -> Scope:
    """Return what a decision governs; an absent message says nothing."""
    if scope is None:
        return Scope()
    return Scope(paths=tuple(scope.paths), components=tuple(scope.components), categories=tuple(scope.categories))


def scope_to_proto(scope: Scope) -> pb.Scope:
    """Return a scope's wire form."""
    return pb.Scope(paths=list(scope.paths), components=list(scope.components), categories=list(scope.categories))
