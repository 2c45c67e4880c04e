"""A model in ONNX Runtime: on an NVIDIA card where the CUDA build finds one, else on the processor."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ask = Callable[[Floats], list[Floats]]
"""From one input, without the batch axis, to the outputs for it."""

_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
_CUDA_OPTIONS = {
    # TF32 rounds to ten bits: keypoints would move, and nobody would have asked for it.
    "use_tf32": "0",
    # The default tries every algorithm for every new batch size.
    "cudnn_conv_algo_search": "HEURISTIC",
    "arena_extend_strategy": "kSameAsRequested",
}
_ERRORS_ONLY = 3
_WEIGHTS_OF_OTHER_FILES = "session.model_external_initializers_file_folder_path"


class OnnxGraph:
    """A model with one input. Threads may share it."""

    def __init__(self, content: bytes, outputs: Sequence[str] = ()) -> None:
        """`outputs`: those to compute, and their order; by default all of them."""
        options = onnxruntime.SessionOptions()
        # One thread a call: the parts of a clip are read side by side, and share the cores that way.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        # A model may name files beside it as its weights, by default in the working folder: nobody's data becomes a weight.
        options.add_session_config_entry(_WEIGHTS_OF_OTHER_FILES, os.path.join(os.devnull, "none"))
        self._session = onnxruntime.InferenceSession(content, options, providers=_providers())
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]
        if outputs:
            self.choose_outputs(outputs)

    def choose_outputs(self, outputs: Sequence[str]) -> None:
        """Compute only these, in this order. Raises KeyError for one that the model does not have."""
        known = [output.name for output in self._session.get_outputs()]
        for name in outputs:
            if name not in known:
                raise KeyError(f"the model has no output {name!r}; it has {', '.join(known)}.")
        self._outputs = list(outputs)

    @property
    def is_on_gpu(self) -> bool:
        """Where the model came to lie; a CUDA build without a card falls back to the processor."""
        return _CUDA in self._session.get_providers()

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself (`metadata_props`)."""
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    def ask(self, values: Floats) -> list[Floats]:
        """The outputs for one input, both without the batch axis."""
        return [output[0] for output in self._run(values[None])]

    def ask_together(self, values: Floats) -> list[Floats]:
        """The outputs (N, ...) for N inputs (N, ...) at once.

        On a card the batch is filled up to a power of two: for each new size of a batch it would set itself up anew.
        """
        if not self.is_on_gpu:
            return self._run(values)
        filled = 1 << (len(values) - 1).bit_length()
        padding = [(0, filled - len(values)), *[(0, 0)] * (values.ndim - 1)]
        return [output[: len(values)] for output in self._run(np.pad(values, padding))]

    def _run(self, values: Floats) -> list[Floats]:
        outputs: list[Floats] = self._session.run(self._outputs, {self._input: values})
        return outputs


def _providers() -> list[Any]:
    if _CUDA not in onnxruntime.get_available_providers():
        return [_CPU]
    onnxruntime.preload_dlls()  # CUDA and cuDNN as Python packages, where they are installed so
    return [(_CUDA, _CUDA_OPTIONS), _CPU]
