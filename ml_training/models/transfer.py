"""An encoder that was trained elsewhere, given as a file, under the top-down neck and the votes of `simcc`.

No package ships such weights and nothing here fetches any. A file is either

- a whole functional Keras model, `.keras`: an image classifier (what follows its last map of features is left away), or the
  "backbone" of a network trained here, which `python -m ml_training.models.transfer RUN encoder.keras` writes; or
- the weights alone of one of `ENCODERS`, `.weights.h5` or the `.h5` of keras.applications without its top, with its name as
  `encoder`.

The file is read whenever the network is built, as it says what the network is made of: keep it beside the run.
"""

import sys
import warnings
from pathlib import Path
from typing import Any

import keras
from keras import layers

from ml_training.errors import TrainingError, run_command
from ml_training.models.base import Network, Tensor
from ml_training.models.blocks import VOTING_STRIDE, top_down, vote
from ml_training.models.simcc import axis_network

ENCODERS = {
    "EfficientNetV2B0": "0..255",
    "EfficientNetB0": "0..255",
    "MobileNetV3Small": "0..255",
    "MobileNetV3Large": "0..255",
    "MobileNetV2": "-1..1",
    "ResNet50V2": "-1..1",
}
"""Names in keras.applications, and the range of pixels each was trained on."""
_RANGES: dict[str, tuple[float, float]] = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (1 / 127.5, -1.0)}


def build(
    *, weights: str, encoder: str = "", pixels: str = "", input_px: int = 192, channels: int = 128, split: int = 4
) -> Network:
    """
    Parameters
    ----------
    weights
        Path of the file.
    encoder
        The architecture, where the file holds weights alone.
    pixels
        "0..255" (the default for a `.keras` file), "0..1" or "-1..1": what the encoder wants to be shown.
    input_px, channels, split
        As in `simcc.build`.
    """
    scale, offset = _range(pixels or ENCODERS.get(encoder, "0..255"))
    pyramid = _pyramid(_encoder(Path(weights), encoder, input_px))
    picture = keras.Input((input_px, input_px, 3), name="picture")
    features = pyramid(layers.Rescaling(scale, offset)(picture))
    logits = vote(top_down(list(features), channels), split)
    return axis_network(
        "transfer", keras.Model(picture, logits, name="transfer"), input_px, split, backbone_name="backbone"
    )


def _range(pixels: str) -> tuple[float, float]:
    if pixels not in _RANGES:
        raise TrainingError("unknown_option", f"transfer: pixels are {', '.join(_RANGES)}, not {pixels!r}.")
    return _RANGES[pixels]


def _encoder(file: Path, name: str, input_px: int) -> keras.Model:
    """The encoder with its weights, for pictures of this size. Raises TrainingError."""
    if not file.is_file():
        raise TrainingError(
            "no_weights", f"There is no file {file}: give transfer the weights of an encoder as `weights`."
        )
    if name and name not in ENCODERS:
        raise TrainingError("unknown_encoder", f"No encoder is called {name!r}; there are {', '.join(ENCODERS)}.")
    if file.suffix == ".h5" and not name:
        raise TrainingError("unknown_encoder", f"{file} holds weights alone: say whose they are as `encoder`.")
    try:
        return (
            _with_weights(file, name, input_px)
            if name
            else _resized(keras.saving.load_model(file, compile=False), input_px)
        )
    except (OSError, ValueError, TypeError, KeyError, UserWarning) as error:
        raise TrainingError(
            "wrong_weights", f"{file} does not fit {name or 'any functional Keras model'}: {error}"
        ) from error


def _with_weights(file: Path, name: str, input_px: int) -> keras.Model:
    encoder = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=(input_px, input_px, 3))
    with warnings.catch_warnings():
        # Keras only warns of a layer that it found no weights for, and leaves it as it was drawn.
        warnings.simplefilter("error", UserWarning)
        encoder.load_weights(file)
    return encoder


def _resized(model: Any, input_px: int) -> keras.Model:
    """The same model for another size of picture, cut after its last map of features."""
    last = [layer for layer in model.layers if _map_size(layer.output) is not None][-1]
    body = keras.Model(model.input, model.output if isinstance(model.output, list) else last.output)
    resized = keras.models.clone_model(body, input_tensors=keras.Input((input_px, input_px, 3)))
    resized.set_weights(body.get_weights())
    return resized


def _pyramid(encoder: keras.Model) -> keras.Model:
    """The encoder as a model called "backbone" that gives its last maps at each stride from 8 on, finest first."""
    input_px = encoder.input.shape[1]
    wanted = input_px // VOTING_STRIDE
    last: dict[int, Tensor] = {}
    for layer in encoder.layers:
        size = _map_size(layer.output)
        if size is not None and size <= wanted and wanted % size == 0 and size > 1:
            last[size] = layer.output
    sizes = sorted(last, reverse=True)
    if not sizes or sizes != [wanted // 2**level for level in range(len(sizes))]:
        raise TrainingError(
            "wrong_weights",
            f"The encoder's maps measure {sizes} cells, not {wanted} and halves of it, for {input_px} px.",
        )
    return keras.Model(encoder.input, [last[size] for size in sizes], name="backbone")


def _map_size(output: Any) -> int | None:
    """The side of a square map of features; None for anything else."""
    shape = getattr(output, "shape", ())
    return shape[1] if len(shape) == 4 and shape[1] == shape[2] else None


def main() -> None:
    """Write the encoder of a run as a file for `transfer`."""
    from ml_training.runs import load_run

    if len(sys.argv) != 3:
        raise TrainingError("usage", "python -m ml_training.models.transfer RUN encoder.keras")
    network = load_run(Path(sys.argv[1])).network
    if not network.backbone:
        raise TrainingError("no_backbone", f"{network.name} has no encoder of its own.")
    network.model.get_layer(network.backbone).save(sys.argv[2])


if __name__ == "__main__":
    run_command(main)
