from cairn.chat.domain.looks import describe_look
from cairn.chat.ports import Looked
from cairn.chat.runner.writers import _Course  # pyright: ignore[reportPrivateUsage]
from cairn.gateway.api import Continued


def test_a_reader_is_told_that_another_model_went_on() -> None:
    told = _Course().take(Continued("claude/words"))
    assert isinstance(told, Looked)
    step = describe_look(told.tool, told.arguments, told.elapsed_ms, [], failed=told.failed)
    assert (step.label, step.detail) == ("Went on with", "claude/words")
