"""Weights on disk, and the state that a stopped training goes on from: each file whole, or as it was before."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from ml_training.errors import TrainingError
from ml_training.files import whole_file

WEIGHTS, STATE, STATE_TEXT = "best.weights.h5", "state.npz", "state.json"


def save_weights(model: keras.Model, path: Path) -> None:
    """Raises TrainingError "disk_full"; what was there before is kept."""
    with whole_file(path) as draft:
        named = draft.with_name(f"{draft.name}.weights.h5")  # Keras goes by the name's end.
        try:
            model.save_weights(named)
            named.replace(draft)
        except (OSError, RuntimeError) as error:
            # HDF5 tells of a full disk in words only.
            if "errno = 28" in str(error) or "No space left" in str(error):
                message = f"There is no room for {path}: free some and run the same command again."
                raise TrainingError("disk_full", message) from error
            raise
        finally:
            named.unlink(missing_ok=True)


def load_weights(model: keras.Model, path: Path) -> None:
    """Raises TrainingError "damaged_checkpoint" for a file that is not what `save_weights` wrote for this network."""
    if not path.is_file():
        raise TrainingError("no_run", f"{path} does not exist: nothing has been validated in that run yet.")
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise TrainingError("damaged_checkpoint", f"{path} cannot be read as weights of this network.") from error


def save_state(folder: Path, variables: list[keras.Variable], facts: dict[str, Any]) -> None:
    """The values and `facts` in one file, so that they can never disagree; `facts` once more for people to read."""
    text = json.dumps(facts, indent=1)
    values = {f"{number:05d}": ops.convert_to_numpy(variable) for number, variable in enumerate(variables)}
    with whole_file(folder / STATE) as draft, draft.open("wb") as file:
        np.savez(file, facts=np.array(text), **values)
    with whole_file(folder / STATE_TEXT) as draft:
        draft.write_text(text + "\n")


def read_facts(folder: Path) -> dict[str, Any] | None:
    """None where nothing has been saved. Raises TrainingError "damaged_checkpoint"."""
    path = folder / STATE
    if not path.is_file():
        return None
    with _readable(path), np.load(path, allow_pickle=False) as saved:
        facts: dict[str, Any] = json.loads(str(saved["facts"]))
    return facts


def load_state(folder: Path, variables: list[keras.Variable]) -> None:
    """Raises TrainingError "damaged_checkpoint" when the file is cut, or of another network; then nothing is changed."""
    path = folder / STATE
    with _readable(path), np.load(path, allow_pickle=False) as saved:
        values = [saved[f"{number:05d}"] for number in range(len(saved.files) - 1)]
    shapes = [tuple(variable.shape) for variable in variables]
    if [value.shape for value in values] != shapes:
        raise TrainingError("damaged_checkpoint", f"{path} is the state of another network.")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns what a damaged file raises into one plain error."""
    try:
        yield
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        message = f"{path} is damaged. Remove it to start from the beginning."
        raise TrainingError("damaged_checkpoint", message) from error


def remove_drafts(folder: Path) -> None:
    """What a killed process left half-written."""
    for draft in folder.glob(".*.draft*"):
        draft.unlink(missing_ok=True)
