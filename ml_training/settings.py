"""`--set name=value` on a command line: one setting of a config after another."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from ml_training.config import Config
from ml_training.errors import TrainingError


def with_settings(config: Config, settings: Sequence[str]) -> Config:
    """`steps=2000`, `options.width=0.5` (of the network), `augmentation.flip=false`. Raises TrainingError."""
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator:
            raise TrainingError("unknown_setting", f"--set {setting}: write it as name=value.")
        config = _with(config, name.strip(), _value(text.strip()))
    return config


def _with(config: Config, name: str, value: Any) -> Config:
    owner, _, own = name.rpartition(".")
    if owner == "options":
        return dataclasses.replace(config, options={**config.options, own: value})
    if owner == "augmentation":
        return dataclasses.replace(config, augmentation=_replaced(config.augmentation, own, value, name))
    return _replaced(config, name, value, name)


def _replaced[T](settings: T, name: str, value: Any, shown: str) -> T:
    known = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    if name not in known or dataclasses.is_dataclass(known[name]) or isinstance(known[name], dict):
        raise TrainingError("unknown_setting", f"There is no setting {shown!r}; there are {', '.join(known)}.")
    if not _fits(value, known[name]):
        raise TrainingError("unknown_setting", f"{shown} cannot be {value!r}: it is {known[name]!r} in the config.")
    return dataclasses.replace(settings, **{name: value})


def _fits(value: Any, present: Any) -> bool:
    """A number for a number, a word for a word; only what may be None now may be anything."""
    if present is None or value is None:
        return not isinstance(value, str)
    if isinstance(present, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(present)


def _value(text: str) -> Any:
    """JSON where it is some, and the word itself where it is not."""
    try:
        return json.loads(text)
    except ValueError:
        return text
