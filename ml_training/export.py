"""From a training run to one file that the site can serve: `python -m ml_training.export RUN`.

    python -m ml_training.export runs/simcc                      # runs/simcc/simcc.onnx, its .sha256, simcc.tflite
    python -m ml_training.export runs/simcc --evaluate .train/data   # judged on the test split first
    python -m ml_training.export runs/simcc --out my-model.onnx --licence CC-BY-4.0 --data "AI Hub 52, 30,000 pictures"

The file takes pictures of bytes as the site cuts them, as floats 0..255, and puts out x, y and confidence of the 29 joints:
scaling, decoding and the correction that was fitted on the validation split are in it. Its metadata says how it wants to be
used (docs/gpu.md), what it was trained on and how well it did: on the test split with `--evaluate`, else as it validated in
training, before the correction. A TFLite file has no room for that: it lies beside it in .tflite.json. The equality with
Keras is checked before the files get their names. Needs TensorFlow, whatever the weights were trained with.
"""

import argparse
import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inference.pose.skeleton import SKELETON
from ml_training.errors import TrainingError, run_command
from ml_training.files import whole_file
from ml_training.metrics import SIGMAS

if TYPE_CHECKING:
    from ml_training.runs import Trained

INPUT, OUTPUT = "picture", "keypoints"
OPSET = 17
TOLERANCE = 1e-3
"""In pixels of the input, and of the confidence."""
_LARGE_NUMBERS = 1_000_000
"""Weights of more numbers than this are kept out of the conversion, which copies everything a dozen times."""
_PROBES = 4


def export(
    trained: "Trained",
    path: Path,
    *,
    licence: str,
    data: str,
    tflite: bool,
    metrics: dict[str, Any] | None = None,
) -> float:
    """Write `path` (.onnx), its SHA-256 beside it and, if asked, a .tflite with its own and a .tflite.json.

    Parameters
    ----------
    data
        What it was trained on, in a sentence.
    metrics
        Figures of the exported model (`figures_on_test`); by default those that it was chosen by.

    Returns
    -------
    float
        The largest difference from Keras in pixels of the input, over pictures of noise.

    Raises
    ------
    TrainingError
        "wrong_suffix", "wrong_backend" where Keras does not run on TensorFlow, "export_differs" where the file computes
        something else, "disk_full". Then there is no new file.
    """
    import keras

    refuse_suffix(path)
    if keras.backend.backend() != "tensorflow":
        raise TrainingError("wrong_backend", "Exporting needs TensorFlow: run it with KERAS_BACKEND=tensorflow.")
    reader = Reader(trained)
    metadata = metadata_of(trained, licence=licence, data=data, metrics=metrics)
    files = {path: to_onnx(reader, metadata)}
    differences_px = [checked_px(reader, read_by_onnx(files[path], reader.shape))]
    if tflite:
        small = path.with_suffix(".tflite")
        files[small] = to_tflite(reader)
        differences_px.append(checked_px(reader, read_by_tflite(files[small], reader.shape)))
        with whole_file(small.with_name(f"{small.name}.json")) as draft:
            draft.write_text(json.dumps(metadata, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for target, content in files.items():
        _write(target, content)
    return max(differences_px)


def refuse_suffix(path: Path) -> None:
    """Raises TrainingError "wrong_suffix" unless the path is that of an ONNX file."""
    if path.suffix != ".onnx":
        message = (
            f"{path} does not end in .onnx: give the ONNX file's name; the TFLite file gets the same one in .tflite."
        )
        raise TrainingError("wrong_suffix", message)


def figures_on_test(run: Path, data: Path) -> dict[str, Any]:
    """How well a run does, with its correction, on the test split of what `python -m ml_training.data cache` wrote."""
    from ml_training.evaluate import evaluate

    evaluation, _, _ = evaluate(str(run), data, split="test", corrected=True)
    judged = evaluation.judgement
    return {
        "split": evaluation.split,
        "before_correction": False,
        "pictures": evaluation.pictures,
        "rendered": evaluation.rendered,
        "all_joints": dataclasses.asdict(judged.overall),
        "direct_joints": dataclasses.asdict(judged.direct),
        "oks_ap": judged.oks_ap,
    }


def trained_on(run: Path) -> str:
    """In a sentence, from RUN/data.json; a run of another version may say less there, or nothing."""
    try:
        noted = json.loads((run / "data.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        noted = None
    if not isinstance(noted, dict):
        return "not stated"
    train = noted.get("train") if isinstance(noted.get("train"), dict) else noted
    pictures = "rendered pictures" if noted.get("rendered") is True else "pictures"
    said = [f"a set of {_counted(noted.get('pictures'), pictures) or pictures}"]
    said += [_counted(train.get(what), what) for what in ("dancers", "songs")]
    return ", ".join(filter(None, said))


def _counted(number: Any, what: str) -> str:
    """`number` may be a list of them; nothing is said of anything else."""
    count = len(number) if isinstance(number, list) else number
    return f"{count:,} {what}" if type(count) is int else ""


def metadata_of(
    trained: "Trained", *, licence: str, data: str, metrics: dict[str, Any] | None = None
) -> dict[str, str]:
    """What the file says of itself, by key (`inference/estimators/onnx_declared.py` reads the first four)."""
    spec = trained.network.input
    size = spec.width if spec.width == spec.height else [spec.width, spec.height]
    said = {
        "input": {
            "size_px": size,
            "crop": spec.kind,
            "colour": "rgb",
            "layout": "nhwc",
            "scale": 1.0,
            "mean": [0, 0, 0],
            "std": [1, 1, 1],
        },
        "output": {"kind": "coordinates", "names": [OUTPUT], "columns": ["x", "y", "conf"]},
        "joints": list(SKELETON.joints),
        "sigmas": [round(float(sigma), 4) for sigma in SIGMAS],
        "network": trained.config.network,
        "config": _config(trained),
        "metrics": metrics or _chosen_by(trained),
    }
    return {f"kdance.{key}": json.dumps(value) for key, value in said.items()} | {
        "kdance.licence": licence,
        "kdance.trained_on": data,
    }


def _config(trained: "Trained") -> dict[str, Any]:
    """As it was given, but of a file only its name: where it lay is nobody's business."""
    config = dataclasses.asdict(trained.config)
    options = config["options"]
    if "weights" in options:
        options["weights"] = PureWindowsPath(options["weights"]).name  # which knows both kinds of slashes
    return config


def _chosen_by(trained: "Trained") -> dict[str, Any]:
    """The figures in training; the correction was fitted behind them, on the same pictures."""
    return {"split": "validation", "before_correction": trained.correction is not None, **trained.metrics}


class Reader:
    """The network, its decoding and its correction as one function of pictures: (N, H, W, 3) to (N, 29, 3) shares."""

    def __init__(self, trained: "Trained") -> None:
        self.spec = trained.network.input
        self.model = trained.network.model
        self._decode = trained.network.decode
        slope, offset = np.ones((len(SKELETON.joints), 2)), np.zeros((len(SKELETON.joints), 2))
        if trained.correction is not None:
            slope, offset = trained.correction.effective()
        size = np.array([self.spec.width, self.spec.height], np.float64)
        self._slope, self._offset = (slope / size).astype(np.float32), (offset / size).astype(np.float32)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.spec.height, self.spec.width, 3

    def __call__(self, pictures: Any, stand_ins: Sequence[tuple[Any, Any]] = ()) -> Any:
        """`stand_ins`: weights, and what takes their place."""
        import keras
        from keras import ops

        with keras.StatelessScope(state_mapping=list(stand_ins)):
            outputs = self.model(pictures, training=False)
        read = self._decode(keras.tree.map_structure(lambda output: ops.cast(output, "float32"), outputs))
        return ops.concatenate([read[..., :2] * self._slope + self._offset, read[..., 2:]], axis=-1)

    @property
    def large_weights(self) -> list[Any]:
        return [weight for weight in self.model.variables if int(np.prod(weight.shape)) > _LARGE_NUMBERS]

    def read(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self(pictures), np.float32)


def to_onnx(reader: Reader, metadata: dict[str, str]) -> bytes:
    """The reader as an ONNX file with a free batch axis. Weights lie in it; what is large joins after the conversion."""
    import onnx
    import tensorflow as tf
    import tf2onnx

    large = reader.large_weights
    signature = [tf.TensorSpec((None, *reader.shape), tf.float32, name=INPUT)]
    signature += [
        tf.TensorSpec(weight.shape, tf.float32, name=f"large_{number}") for number, weight in enumerate(large)
    ]

    @tf.function(input_signature=signature)
    def read(picture: Any, *weights: Any) -> Any:
        return reader(picture, list(zip(large, weights, strict=True)))

    model, _ = tf2onnx.convert.from_function(
        read, input_signature=signature, opset=OPSET, custom_op_handlers={"Erfc": (_erfc, [])}
    )
    _rename(model, model.graph.input[0].name, INPUT)
    _rename(model, model.graph.output[0].name, OUTPUT)
    for weight, given in zip(large, list(model.graph.input)[1:], strict=True):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(weight, np.float32), given.name))
        model.graph.input.remove(given)
    onnx.helper.set_model_props(model, metadata)
    content: bytes = model.SerializeToString()
    return content


def _erfc(graph: Any, node: Any, name: str, arguments: Any) -> Any:
    """1 - erf(x): the exact GELU of TensorFlow asks for it, and ONNX has the other half alone."""
    one = graph.make_const(f"{name}_one", np.ones((), np.float32))
    (given,), (result,) = node.input, node.output
    graph.remove_node(name)
    error = graph.make_node("Erf", [given])
    return graph.make_node("Sub", [one.output[0], error.output[0]], name=name, outputs=[result])


def _rename(model: Any, old: str, new: str) -> None:
    """The converter has names of its own for what goes in and comes out."""
    for end in (*model.graph.input, *model.graph.output):
        end.name = new if end.name == old else end.name
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


def to_tflite(reader: Reader) -> bytes:
    """The reader as a TFLite file for one picture at a time."""
    import tensorflow as tf

    module = tf.Module()
    module.weights = [weight.value for weight in reader.model.variables]  # what it owns goes into the file
    signature = [tf.TensorSpec((1, *reader.shape), tf.float32, name=INPUT)]
    module.read = tf.function(lambda picture: {OUTPUT: reader(picture)}, input_signature=signature)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.read.get_concrete_function()], module)
    content: bytes = converter.convert()
    return content


def checked_px(reader: Reader, found: NDArray[np.float32]) -> float:
    """The largest difference of what a file read in the probe pictures from what Keras reads, in pixels of the input.

    Raises
    ------
    TrainingError
        "export_differs" for more than `TOLERANCE`, of the places or of the confidences, and for what is no number.
    """
    size = (reader.spec.width, reader.spec.height)
    off = np.abs(found - reader.read(probe_pictures(reader.shape)))
    off_px, off_conf = float((off[..., :2] * size).max()), float(off[..., 2].max())
    if not (off_px <= TOLERANCE and off_conf <= TOLERANCE):
        message = f"The exported model differs from Keras by {off_px:.4f} px, and by {off_conf:.4f} in how sure it is."
        raise TrainingError("export_differs", message)
    return off_px


def read_by_onnx(model: bytes, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run([OUTPUT], {INPUT: probe_pictures(shape)})[0])


def read_by_tflite(model: bytes, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    import tensorflow as tf

    read = tf.lite.Interpreter(model_content=model).get_signature_runner()
    return np.concatenate([read(**{INPUT: picture[None]})[OUTPUT] for picture in probe_pictures(shape)])


def probe_pictures(shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """(N, H, W, 3) soft blotches in 0..255, always the same ones."""
    import cv2

    coarse = np.random.default_rng(1).uniform(0, 255, (_PROBES, 9, 9, 3)).astype(np.float32)
    height, width, _ = shape
    return np.stack([cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) for each in coarse])


def _write(path: Path, content: bytes) -> None:
    """The file, and beside it a .sha256 that `sha256sum -c` reads."""
    with whole_file(path) as draft:
        draft.write_bytes(content)
    with whole_file(path.with_name(f"{path.name}.sha256")) as draft:
        draft.write_text(f"{hashlib.sha256(content).hexdigest()}  {path.name}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ml_training.export", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="a folder that `python -m ml_training.train` wrote")
    parser.add_argument("--out", type=Path, metavar="MODEL.onnx", help="by default RUN/<name of the run>.onnx")
    parser.add_argument("--licence", default="LicenseRef-unpublished", help="SPDX name for the weights (%(default)s)")
    parser.add_argument(
        "--data", default="", metavar="TEXT", help="what it was trained on; by default by RUN/data.json"
    )
    parser.add_argument("--evaluate", type=Path, metavar="DATA", help="judge it on this test split, and say how it did")
    parser.add_argument("--no-tflite", action="store_true", help="write the ONNX file alone")
    options = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from ml_training.runs import load_run

    path = options.out or options.run / f"{options.run.resolve().name}.onnx"
    refuse_suffix(path)
    difference = export(
        load_run(options.run),
        path,
        licence=options.licence,
        data=options.data or trained_on(options.run),
        tflite=not options.no_tflite,
        metrics=figures_on_test(options.run, options.evaluate) if options.evaluate else None,
    )
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, differs from Keras by {difference:.1e} px at most")


if __name__ == "__main__":
    run_command(main)
