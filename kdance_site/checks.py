"""System checks: what a machine lacks for KDance, and how to mend it. `manage.py check` and every command run them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.files.storage import storages
from django.core.files.storage.handler import InvalidStorageError

WEIGHTS_MANIFEST = "manifest.json"
READ: Literal["r"] = "r"
WRITE: Literal["w"] = "w"
CODECS = (("h264", READ), ("libx264", WRITE), ("aac", WRITE))


@register()
def weights_are_prepared(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if (Path(settings.MODEL_DIR) / WEIGHTS_MANIFEST).exists():
        return []
    return [
        Warning(
            f"The pose models are not in {settings.MODEL_DIR}: no clip can be analysed.",
            hint="Run `make setup`, or `python -m inference.weights` after `npm ci`.",
            id="kdance.W001",
        )
    ]


@register()
def data_folder_is_writable(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    folder = Path(settings.DATA_DIR)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data folder {folder} cannot be written.",
            hint="Make it, give it to the user that runs KDance, or name another with KDANCE_DATA_DIR.",
            id="kdance.E001",
        )
    ]


@register()
def codecs_are_there(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    missing = [name for name, mode in CODECS if not _has_codec(name, mode)]
    if not missing:
        return []
    return [
        Error(
            f"PyAV lacks {', '.join(missing)}: clips cannot be read or made playable.",
            hint="Install the wheel of `av` that requirements/base.txt names: `make setup`.",
            id="kdance.E002",
        )
    ]


@register()
def storage_can_be_opened(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Only what is wrong with the settings: nothing is asked of the storage itself."""
    try:
        storages["default"]
    except InvalidStorageError as error:
        return [
            Error(
                f"The storage of private files cannot be used: {error}",
                hint="Set PRIVATE_STORAGE to disk or s3, and run `make setup`.",
                id="kdance.E003",
            )
        ]
    return []


def _has_codec(name: str, mode: Literal["r", "w"]) -> bool:
    # Here and not above: every command imports this module, few of them need PyAV.
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    try:
        Codec(name, mode)
    except UnknownCodecError:
        return False
    return True
