"""`cairn ask`: a question about the decisions, its answer streamed with citations."""

import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any

import click

from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceClientSync
from cairn.gen.cairn.chat.v1.chat_pb import (
    AskRequest,
    AskResponse,
    Citation,
    Delta,
    Failed,
    Finished,
    FinishReason,
    FollowGenerationRequest,
    FollowGenerationResponse,
    GenerationEvent,
    Started,
    Step,
    StopGenerationRequest,
)
from cairn.gen.cairn.decisions.v1.decisions_pb import DecisionSummary, Status
from cairn.platform.client import (
    CommandFailed,
    Connection,
    NothingFound,
    calling,
    find_connection,
    find_log_ids,
    is_away,
    print_json,
    progress_console,
    status_label,
    to_jsonable,
)

_STOP_TIMEOUT_MS = 10_000
# A server that is started anew is back within a minute.
_TRIES_MOST = 60
_PAUSE_S = 1.0


@click.command("ask")
@click.argument("question")
@click.option("--log", "logs", multiple=True, help="Answer from this log only; may be given several times.")
@click.option("--model", default="", help="A model name; the default model when left out.")
@click.option("--conversation", default="", help="Continue the conversation with this id.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON when it is complete.")
def ask(question: str, *, logs: tuple[str, ...], model: str, conversation: str, as_json: bool) -> None:
    """Ask QUESTION and read the answer as it is written, each claim with the passage it rests on.

    Ctrl-C stops the answer; what was written so far is kept in the conversation.

    \b
    Examples:
      cairn ask "Why did we choose Postgres?"
      cairn ask "And what about backups?" --conversation ID --json

    Exit code 3 when nothing in the logs answers the question.
    """  # noqa: D301 - \b is click's mark for a block that is not wrapped
    answer = _Answer(as_json=as_json)
    connection = find_connection()
    with calling():
        log_ids = find_log_ids(connection, logs)
        request = AskRequest(question=question, conversation_id=conversation, model=model, log_ids=log_ids)
        _ask(connection, request, answer)
    answer.close()


@dataclass(frozen=True, slots=True)
class _Ended:
    """The stream ended, or broke with `error`."""

    error: Exception | None = None


_CTRL_C = object()
_Arrival = GenerationEvent | _Ended | object


def _ask(connection: Connection, request: AskRequest, answer: "_Answer") -> None:
    """Read the stream in a thread, so that Ctrl-C is heard at once, even between two tokens."""
    arrivals: SimpleQueue[_Arrival] = SimpleQueue()
    # A SimpleQueue may be filled from a signal handler.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: arrivals.put(_CTRL_C))
    try:
        with ChatServiceClientSync(connection.url) as client:
            reader = Thread(target=_read, args=(client, connection, request, arrivals), daemon=True)
            reader.start()
            _take_all(client, connection, arrivals, answer)
            reader.join()
    finally:
        signal.signal(signal.SIGINT, before)


def _read(
    client: ChatServiceClientSync, connection: Connection, request: AskRequest, arrivals: SimpleQueue[_Arrival]
) -> None:
    """Pass on what comes. A server that is started anew goes on with the answer, and is read on."""
    generation_id, last, tries = "", 0, 0
    stream: Iterator[AskResponse | FollowGenerationResponse] = client.ask(request, headers=connection.headers)
    while True:
        try:
            for message in stream:
                if message.event is not None:
                    last, tries = message.event.sequence, 0
                    generation_id = generation_id or _begun(message.event)
                    arrivals.put(message.event)
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is awaited.
            tries += 1
            if not generation_id or tries > _TRIES_MOST or not is_away(error):
                arrivals.put(_Ended(error))
                return
            time.sleep(_PAUSE_S)
            rest = FollowGenerationRequest(generation_id=generation_id, after_sequence=last)
            stream = client.follow_generation(rest, headers=connection.headers)
        else:
            arrivals.put(_Ended())
            return


def _begun(event: GenerationEvent) -> str:
    value = event.event.value if event.event is not None else None
    return value.generation_id if isinstance(value, Started) else ""


def _take_all(
    client: ChatServiceClientSync, connection: Connection, arrivals: SimpleQueue[_Arrival], answer: "_Answer"
) -> None:
    """Take events until the stream ends. Ctrl-C asks for the stop, and the stream then ends with what was written."""
    wishes = 0
    stopping = False
    while True:
        arrival = arrivals.get()
        if isinstance(arrival, _Ended):
            if arrival.error is not None:
                raise arrival.error
            return
        if isinstance(arrival, GenerationEvent):
            answer.take(arrival)
        else:
            wishes += 1
        if wishes > 1:
            raise click.Abort
        if wishes and not stopping and answer.generation_id:
            stopping = True
            stop = StopGenerationRequest(generation_id=answer.generation_id)
            client.stop_generation(stop, headers=connection.headers, timeout_ms=_STOP_TIMEOUT_MS)


class _Answer:
    """An answer as it arrives: written out token by token, or kept for one JSON document."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._text: list[str] = []
        self._citations: list[Citation] = []
        self._steps: list[Step] = []
        self._begun = Started()
        self._finished: Finished | None = None
        self._failed: Failed | None = None

    @property
    def generation_id(self) -> str:
        return self._begun.generation_id

    def take(self, event: GenerationEvent) -> None:
        """Take the next event of the generation."""
        value = event.event.value if event.event is not None else None
        match value:
            case Started():
                self._begun = value
            case Step():
                self._steps.append(value)
                if not self._as_json:
                    told = f"{value.label} {value.detail}".strip()
                    progress_console().print(told, style="dim", markup=False, soft_wrap=True)
            case Delta():
                self._text.append(value.text)
                if not self._as_json:
                    sys.stdout.write(value.text)
                    sys.stdout.flush()
            case Citation():
                self._citations.append(value)
            case Finished():
                self._finished = value
            case Failed():
                self._failed = value
            case _:
                pass

    def close(self) -> None:
        """Write what comes after the text. Raises `CommandFailed` when there is no complete answer."""
        reason = FinishReason(self._finished.reason) if self._finished else FinishReason.UNSPECIFIED
        if self._as_json:
            print_json(self._as_json_value(reason))
        else:
            self._print_end(reason)
        if self._failed is not None:
            raise CommandFailed(self._failed.message)
        if self._finished is None:
            raise CommandFailed("The stream ended before the answer did. `cairn ask` again.")
        if reason is FinishReason.NOTHING_FOUND:
            raise NothingFound("Nothing in the logs answers this.")

    def _print_end(self, reason: FinishReason) -> None:
        sys.stdout.write("\n")
        for citation in self._citations:
            summary = citation.decision or DecisionSummary()
            line = f"[{citation.number}] {summary.ref} {summary.title} ({summary.log_slug}"
            line += f", {status_label(Status(summary.status).name)}"
            if summary.successor is not None:
                line += f" by {summary.successor.ref}"
            path = " > ".join(citation.passage.heading_path) if citation.passage else ""
            sys.stdout.write(f"{line}){': ' + path if path else ''}\n")
        sys.stdout.flush()
        if self._begun.extracts_only:
            progress_console().print("These are extracts; no language model wrote them.", style="dim")
        if reason is FinishReason.STOPPED:
            progress_console().print("Stopped.", style="dim")

    def _as_json_value(self, reason: FinishReason) -> dict[str, Any]:
        return {
            "generation_id": self._begun.generation_id,
            "conversation_id": self._begun.conversation_id,
            "model": self._begun.model,
            "extracts_only": self._begun.extracts_only,
            "answer": "".join(self._text),
            "citations": [to_jsonable(citation) for citation in self._citations],
            "finish_reason": reason.name.lower() if self._finished else None,
            "error": {"code": self._failed.code, "message": self._failed.message} if self._failed else None,
        }
