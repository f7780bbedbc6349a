"""What goes wrong between us and a provider, or between a caller and us."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cairn.gateway.domain.wires import Wire
from cairn.kernel.errors import CairnError, Code, InvalidArgument, NotFound
from cairn.kernel.phrases import Phrase


class FailureCode(StrEnum):
    """What went wrong between us and a provider."""

    REFUSED_KEY = "provider_refused_key"
    REFUSED_REQUEST = "provider_refused_request"
    UNREACHABLE = "provider_unreachable"
    BUSY = "provider_busy"
    ERROR = "provider_error"
    STREAM_CUT = "stream_cut"
    TIMEOUT = "timeout"
    QUEUE_FULL = "queue_full"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error reply as the provider sent it, for a caller who speaks the same wire format; None is no such error."""

    status: int
    body: bytes = field(repr=False)
    wire: Wire | None = None
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)


class ProviderFailure(CairnError):
    """A provider did not give a whole reply. The message tells what to do next.

    `retry_after_s` is what the provider asked for, or None. `status` is its HTTP status, or 0 without one. `sent` says
    that the provider may have begun the work, and so may bill for it.
    """

    code = Code.UNAVAILABLE

    def __init__(
        self,
        failure: FailureCode,
        message: str,
        *,
        retry_after_s: float | None = None,
        refusal: Refusal | None = None,
        sent: bool = False,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after_s = retry_after_s
        self.refusal = refusal
        self.sent = sent

    @property
    def status(self) -> int:
        """The provider's HTTP status, or 0 when it gave none."""
        return self.refusal.status if self.refusal else 0

    @property
    def elsewhere(self) -> bool:
        """True when another target may well answer the same request."""
        return self.failure is not FailureCode.REFUSED_REQUEST


class ModelNotFound(NotFound):
    """No configured provider offers the model."""

    def __init__(self, name: str) -> None:
        super().__init__(
            Phrase("no_model", "There is no model '{name}'. Choose one of the listed models.", name=name[:200]),
            field="model",
        )


class InvalidRequest(InvalidArgument):
    """A request that its wire format does not allow. `field` is the path of what is wrong, as `messages[0].role`."""


class Untranslatable(InvalidArgument):
    """A request asks for something that the chosen model's wire format cannot say."""

    def __init__(self, what: str, target: str, *, field: str = "") -> None:
        super().__init__(f"{what} cannot be passed on to {target}. Leave it out, or choose another model.", field=field)
