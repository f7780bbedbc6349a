"""The embedded model: what its vectors mean, that int8 keeps them, and that two processes may convert at once."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from support.processes import Watched

from cairn.kernel.errors import Unavailable
from cairn.search.model.conversion import WeightsDamaged, build_graph, convert, read_weights
from cairn.search.model.embedder import MiniLm
from cairn.search.model.minilm import DIMENSIONS, graph_path, source_folder

SENTENCES = [
    "We use PostgreSQL as the primary database.",
    "Postgres was chosen to store our data.",
    "The cat sat on the mat.",
    "Events are published to Kafka through an outbox table in the same transaction. " * 12,
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    convert(graph_path(folder))
    return folder


def test_similar_sentences_are_closer(home: Path) -> None:
    vectors = MiniLm(home).embed(SENTENCES)
    assert vectors.shape == (len(SENTENCES), DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    cosines = vectors @ vectors.T
    assert cosines[0, 1] > 0.5
    assert max(cosines[0, 2], cosines[1, 2], cosines[2, 3]) < 0.2


def test_int8_stays_close_to_fp32(home: Path) -> None:
    model = MiniLm(home)
    exact = ort.InferenceSession(
        build_graph(read_weights(source_folder() / "model.safetensors")).SerializeToString(),
        providers=["CPUExecutionProvider"],
    )
    tokenizer = model._load()[0]
    for sentence, vector in zip(SENTENCES, model.embed(SENTENCES), strict=True):
        reference = exact.run(None, {"input_ids": np.array([tokenizer.encode(sentence).ids])})[0][0]
        assert reference @ vector / np.linalg.norm(reference) > 0.98


def test_the_graph_is_the_published_model() -> None:
    # The first values that the model's authors publish for this sentence.
    session = ort.InferenceSession(
        build_graph(read_weights(source_folder() / "model.safetensors")).SerializeToString(),
        providers=["CPUExecutionProvider"],
    )
    ids = np.array([[101, 2023, 2003, 2019, 2742, 6251, 102]])
    vector = session.run(None, {"input_ids": ids})[0][0]
    assert vector[:4] / np.linalg.norm(vector) == pytest.approx([0.0676569, 0.0634959, 0.0487131, 0.0793050], abs=1e-6)


def test_reads_the_first_256_tokens(home: Path) -> None:
    model = MiniLm(home)
    long = "word " * 300
    assert np.array_equal(model.embed([long]), model.embed([long + "postgres kafka"]))
    assert not np.array_equal(model.embed(["word " * 200]), model.embed(["word " * 200 + "postgres kafka"]))


async def test_processes_may_convert_at_once(tmp_path: Path) -> None:
    models = [MiniLm(tmp_path) for _ in range(2)]
    assert not models[0].ready
    with pytest.raises(Unavailable):
        models[0].embed(["too early"])
    await asyncio.gather(*(model.prepare() for model in models))
    assert os.listdir(tmp_path / "models") == [graph_path(tmp_path).name]  # noqa: PTH208 - hidden files count.
    assert np.array_equal(models[0].embed(SENTENCES[:1]), models[1].embed(SENTENCES[:1]))


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "model.safetensors"
    damaged.write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(WeightsDamaged, match="SHA-256"):
        read_weights(damaged)


async def test_a_failed_conversion_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(Unavailable, match="could not be converted"):
        await MiniLm(tmp_path).prepare()


def test_a_conversion_dies_with_the_worker_that_began_it(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib, sys; from cairn.search.model.embedder import MiniLm;"
        "asyncio.run(MiniLm(pathlib.Path(sys.argv[1])).prepare())"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) as worker:  # noqa: S603 - our own code.
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
        deadline = time.monotonic() + 30
        while not (pids := children.read_text().split()):
            assert time.monotonic() < deadline
            time.sleep(0.01)  # The kernel tells nobody of a new child.
        conversion = Watched(int(pids[0]))
        worker.kill()
        conversion.wait_until_dead()
