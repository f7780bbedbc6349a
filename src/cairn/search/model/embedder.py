"""The embedded embedding model: all-MiniLM-L6-v2 as int8 ONNX, on one thread, one text at a time."""

import asyncio
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.kernel.errors import Unavailable
from cairn.kernel.phrases import Phrase
from cairn.platform.children import die_with_parent
from cairn.search.model.minilm import DIMENSIONS, MAX_TOKENS, MODEL_NAME, graph_path, source_folder

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_CONVERSION_SECONDS_MAX = 120.0


class MiniLm:
    """Embeds texts with the int8 graph in Cairn's folder. Loads it at the first use; safe to call from many threads."""

    name = MODEL_NAME
    dimensions = DIMENSIONS

    def __init__(self, home: Path) -> None:
        self._graph = graph_path(home)
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None

    @property
    def ready(self) -> bool:
        """Whether the converted graph is there, so that `embed` can answer."""
        return self._loaded is not None or self._graph.exists()

    async def prepare(self) -> None:
        """Convert the weights if nobody has yet (about ten seconds). Raises `Unavailable` when that fails."""
        if self.ready:
            return
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "cairn.search.model.conversion",
            str(self._graph),
            stderr=asyncio.subprocess.PIPE,
            # A worker that is killed must not leave this behind, writing to a folder that nobody owns any more.
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        try:
            async with asyncio.timeout(_CONVERSION_SECONDS_MAX):
                _, errors = await process.communicate()
        except BaseException:
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise
        if process.returncode != 0:
            last_line = (errors.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
            message = f"The embedding model could not be converted: {last_line}"
            raise Unavailable(message)

    def embed(self, texts: Sequence[str], tenant_id: UUID | None = None) -> NDArray[np.float32]:
        """Return one unit vector a text, shape `(len(texts), 384)`. Reads the first 256 tokens of each.

        Blocks for about 3 ms a query and 23 ms a passage: call it in a thread. Raises `Unavailable` before `prepare`.
        """
        del tenant_id
        tokenizer, session = self._load()
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            ids = np.array([tokenizer.encode(text).ids], np.int64)
            vectors[row] = session.run(["embedding"], {"input_ids": ids})[0][0]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(lengths, 1e-12)

    def _load(self) -> "tuple[Tokenizer, InferenceSession]":
        with self._lock:
            if self._loaded is None:
                if not self._graph.exists():
                    message = Phrase(
                        "embedding_coming",
                        "The embedding model is still being prepared. Search by words until it is ready.",
                    )
                    raise Unavailable(message)
                self._loaded = (_load_tokenizer(), load_session(self._graph))
            return self._loaded


def _load_tokenizer() -> "Tokenizer":
    # Half of a process's start would be these two imports, and many processes never embed.
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(source_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)  # pyright: ignore[reportUnknownMemberType] - untyped upstream.
    tokenizer.no_padding()
    return tokenizer


def load_session(graph: Path) -> "InferenceSession":
    """Open an ONNX graph on one thread."""
    import onnxruntime as ort  # noqa: PLC0415 - as above.

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The arena keeps the memory of the longest text for ever; without it an idle process stays small.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
