"""The cross-encoder that an operator names: from a folder, from a hub on loopback, and when it is none."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import huggingface_hub.constants
import numpy as np
import onnx
import pytest
from aiohttp import web
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from cairn.kernel.errors import Unavailable
from cairn.search.model.cross_encoder import CrossEncoder

TENANT = UUID(int=7)
WORDS = ["[UNK]", "[SEP]", "why", "kafka", "cats", "sleep", "because", "logs"]


def write_model(folder: Path, *, classes: int = 1, place: str = "onnx/model.onnx") -> Path:
    """Write a model whose relevance is how often the passage says `kafka`, and its tokenizer."""
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A", pair="$A:0 [SEP]:0 $B:1", special_tokens=[("[SEP]", 1)]
    )
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    weights = np.zeros((len(WORDS), classes), np.float32)
    weights[WORDS.index("kafka"), -1] = 1
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["looked_up"]),
        helper.make_node("Cast", ["token_type_ids"], ["second"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["second", "last"], ["mask"]),
        helper.make_node("Mul", ["looked_up", "mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "tokens"], ["logits"], keepdims=0),
    ]
    constants = [
        numpy_helper.from_array(weights, "words"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "tokens"),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, [1, "n"]) for name in ("input_ids", "token_type_ids")
    ]
    graph = helper.make_graph(
        nodes, "tiny", inputs, [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, classes])], constants
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), folder / place)
    return folder


async def ask(model: CrossEncoder, texts: list[str], seconds: float = 10.0) -> list[float]:
    return (await model.rerank("why kafka", texts, tenant_id=TENANT, seconds=seconds)).tolist()


@pytest.mark.parametrize(("classes", "place"), [(1, "model.onnx"), (2, "onnx/model.onnx")])
async def test_reads_query_and_passage_together(tmp_path: Path, classes: int, place: str) -> None:
    model = CrossEncoder(str(write_model(tmp_path, classes=classes, place=place)), tmp_path)
    with pytest.raises(Unavailable, match="still being loaded"):
        await ask(model, ["kafka"])
    await model.prepare()
    assert await ask(model, ["cats sleep", "kafka because kafka", "kafka logs"]) == [0, 2, 1]
    assert await ask(model, ["kafka " * 5_000]) == [509]


async def test_stops_when_the_time_is_over(tmp_path: Path) -> None:
    model = CrossEncoder(str(write_model(tmp_path)), tmp_path)
    await model.prepare()
    with pytest.raises(Unavailable, match="0 of 2 passages were read in time"):
        await ask(model, ["kafka", "cats"], seconds=-1)


async def test_a_folder_that_holds_no_model_is_told(tmp_path: Path) -> None:
    model = CrossEncoder(str(tmp_path), tmp_path)
    with pytest.raises(Unavailable, match=r"needs tokenizer.json, and model.onnx"):
        await model.prepare()
    with pytest.raises(Unavailable, match="could not be loaded"):
        await ask(model, ["kafka"])
    write_model(tmp_path, place="model.onnx")
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(Unavailable, match="no cross-encoder that can be read"):
        await model.prepare()


@pytest.fixture
async def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """A hub on loopback with one model; gives the paths that were asked for."""
    folder, asked = write_model(tmp_path / "published"), list[str]()

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(f"{request.method} {request.path}")
        file = folder / request.match_info["file"]
        if request.match_info["model"] != "tiny" or not file.is_file():
            return web.Response(status=404, headers={"X-Error-Code": "RepoNotFound"})
        content = file.read_bytes()
        headers = {"X-Repo-Commit": "a" * 40, "ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
        return web.Response(body=content, headers=headers)

    application = web.Application()
    application.router.add_get("/org/{model}/resolve/{revision}/{file:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server: Any = site._server
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
    monkeypatch.setattr(
        huggingface_hub.constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    yield asked
    await runner.cleanup()


async def test_a_model_of_the_hub_is_fetched_once(hub: list[str], tmp_path: Path) -> None:
    model = CrossEncoder("org/tiny", tmp_path / "home")
    await model.prepare()
    assert await ask(model, ["cats", "kafka"]) == [0, 1]
    assert "GET /org/tiny/resolve/main/onnx/model.onnx" in hub
    hub.clear()
    again = CrossEncoder("org/tiny", tmp_path / "home")
    await again.prepare()
    assert await ask(again, ["kafka"]) == [1]
    assert not [one for one in hub if one.startswith("GET")]


async def test_a_model_that_the_hub_has_not_is_told(hub: list[str], tmp_path: Path) -> None:
    model = CrossEncoder("org/other", tmp_path / "home")
    with pytest.raises(Unavailable, match="could not be fetched from the hub"):
        await asyncio.wait_for(model.prepare(), 30)
    assert hub
