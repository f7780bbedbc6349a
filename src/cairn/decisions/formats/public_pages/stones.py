"""The six status stones as SVG, the same shapes as the application's (a test compares them)."""

from cairn.decisions.domain import Status

_OUTLINE = "M2.1 8.5C2 5.5 4.7 3.3 8.2 3.2s5.8 2 5.8 4.9c0 3-2.6 4.8-6 4.8-3.3 0-5.8-1.5-5.9-4.4Z"
_LINE = 'fill="none" stroke="currentColor" stroke-width="1.5"'

SHAPES = {
    Status.DRAFT: f'<path d="{_OUTLINE}" {_LINE} stroke-dasharray="2.6 2"/>',
    Status.PROPOSED: f'<path d="{_OUTLINE}" {_LINE}/>'
    '<path d="M2.1 8.3 14 8c.1 3.1-2.6 4.9-6 4.9-3.3 0-5.8-1.5-5.9-4.6Z" fill="currentColor"/>',
    Status.ACCEPTED: f'<path d="{_OUTLINE}" fill="currentColor" stroke="currentColor" stroke-width="1.5"/>',
    Status.REJECTED: f'<path d="{_OUTLINE}" {_LINE}/>'
    '<path d="M2.6 14.4 13.4 1.6" stroke="currentColor" stroke-width="1.9" stroke-linecap="round"/>',
    Status.DEPRECATED: '<g fill="none" stroke="currentColor" stroke-linecap="round">'
    '<path d="M5 4.4h6.2" stroke-width="2.3"/><path d="M2.8 8h10.6" stroke-width="1.6"/>'
    '<path d="M4.6 11.6h.01M8 11.8h.01M11.4 11.6h.01" stroke-width="1.7"/></g>',
    Status.SUPERSEDED: '<path d="M.9 11.3c0-2.1 2.1-3.3 5.5-3.3s5.6 1.1 5.6 3.2-2.2 3.2-5.6 3.2S.9 13.4.9 11.3Z" '
    f"{_LINE}/>"
    '<path d="M4.6 4.2c.1-2 2.1-3.1 5.4-3s5.5 1.2 5.4 3.1-2.2 2.8-5.5 2.8-5.4-.9-5.3-2.9Z" fill="currentColor"/>',
}


def stone(status: Status, *, alone: bool) -> str:
    """Return a status stone. Beside its word it is silent; alone it says its name."""
    naming = f'role="img" aria-label="{status.capitalize()}"' if alone else 'aria-hidden="true"'
    return f'<svg class="g" data-s="{status}" viewBox="0 0 16 16" {naming}>{SHAPES[status]}</svg>'
