from pathlib import Path

import onnx

def quantize_dynamic(
    model_input: onnx.ModelProto, model_output: Path, *, per_channel: bool = False, reduce_range: bool = False
) -> None: ...
