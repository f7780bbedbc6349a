"""A cross-encoder as ONNX, from a folder or from the Hugging Face hub: it reads query and passage together."""

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cairn.kernel.errors import Unavailable
from cairn.search.model.embedder import load_session

if TYPE_CHECKING:
    from uuid import UUID

    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

# Most cross-encoders read 512 word pieces; a passage has about 256, and a pasted query may fill the rest.
_TOKENS_MAX = 512
# Where exporters put the graph: beside the tokenizer, or as the hub's models have it.
_GRAPHS = ("model.onnx", "onnx/model.onnx")
_TOKENIZER = "tokenizer.json"


class CrossEncoder:
    """`ports.Reranker` with a model named by a folder's path, or by its id on the hub such as `org/model`.

    A folder has `tokenizer.json`, and `model.onnx` there or under `onnx/`. A hub's model is fetched once, into Cairn's
    own folder. One pair at a time, unpadded, on one thread.
    """

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self._home = home
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None
        self._missing = "the model is still being loaded"

    async def prepare(self) -> None:
        """Fetch and load the model. Raises `Unavailable` when it is not there or cannot be read."""
        try:
            await asyncio.to_thread(self._load)
        except Unavailable:
            self._missing = "the model could not be loaded"
            raise

    async def rerank(
        self, query: str, texts: Sequence[str], *, tenant_id: "UUID", seconds: float
    ) -> NDArray[np.float64]:
        """See the port. Raises `Unavailable` before `prepare` has ended."""
        del tenant_id
        if self._loaded is None:
            raise Unavailable(self._missing)
        return await asyncio.to_thread(_score, *self._loaded, query, texts, time.monotonic() + seconds)

    def _load(self) -> None:
        with self._lock:
            if self._loaded is not None:
                return
            graph, tokenizer = self._files()
            try:
                from tokenizers import Tokenizer  # noqa: PLC0415 - few processes need it; it is slow to import.

                read = Tokenizer.from_file(str(tokenizer))
                read.enable_truncation(_TOKENS_MAX)  # pyright: ignore[reportUnknownMemberType] - untyped upstream.
                read.no_padding()
                self._loaded = (read, load_session(graph))
            except Exception as error:  # The libraries raise whatever their Rust and C++ sides do.
                message = f"{self.name} is no cross-encoder that can be read: {type(error).__name__}."
                raise Unavailable(message) from error

    def _files(self) -> tuple[Path, Path]:
        """Return where the graph and the tokenizer are."""
        if not is_folder(self.name):
            return self._fetch()
        folder = Path(self.name).expanduser()
        graph = next((folder / name for name in _GRAPHS if (folder / name).is_file()), None)
        if graph is None or not (folder / _TOKENIZER).is_file():
            message = f"{folder} needs {_TOKENIZER}, and model.onnx there or under onnx/."
            raise Unavailable(message)
        return graph, folder / _TOKENIZER

    def _fetch(self) -> tuple[Path, Path]:
        from huggingface_hub import (  # noqa: PLC0415 - as above.
            hf_hub_download,  # pyright: ignore[reportUnknownVariableType] - partly untyped upstream.
        )
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415 - as above.

        folder = self._home / "models" / "hub"
        try:
            graph = hf_hub_download(self.name, _GRAPHS[1], cache_dir=folder)
            return Path(graph), Path(hf_hub_download(self.name, _TOKENIZER, cache_dir=folder))
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
            message = f"{self.name} could not be fetched from the hub: {type(error).__name__}."
            raise Unavailable(message) from error


def is_folder(name: str) -> bool:
    """Return whether a reranker's name is a path, not an id on the hub."""
    return name.startswith(("/", "~", "."))


def _score(
    tokenizer: "Tokenizer", session: "InferenceSession", query: str, texts: Sequence[str], until: float
) -> NDArray[np.float64]:
    """Score pairs until the monotonic clock says `until`; then raise `Unavailable`, so that no thread works on."""
    wanted = {given.name for given in session.get_inputs()}
    scores = np.empty(len(texts))
    for place, text in enumerate(texts):
        if time.monotonic() > until:
            message = f"only {place} of {len(texts)} passages were read in time"
            raise Unavailable(message)
        encoded = tokenizer.encode(query, text)
        inputs = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        feed = {name: np.array([values], np.int64) for name, values in inputs.items() if name in wanted}
        logits = session.run(None, feed)[0].ravel()
        # One output is the relevance; of two classes the second says that the passage answers.
        scores[place] = logits[0] if len(logits) == 1 else logits[1] - logits[0]
    return scores
