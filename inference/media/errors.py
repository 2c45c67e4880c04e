"""What can be wrong with a file that somebody sent.

Each `code` is stable: it is stored, and chooses the text that people read.
"""


class MediaError(Exception):
    """The file cannot be used. The message is for the log; people read the text that belongs to `code`."""

    code = "bad_media"


class EmptyFile(MediaError):
    code = "empty_file"


class NotAVideo(MediaError):
    code = "not_a_video"


class StillImage(MediaError):
    code = "still_image"


class NoPicture(MediaError):
    """Sound without a picture."""

    code = "no_picture"


class UnsupportedCodec(MediaError):
    code = "unsupported_codec"


class TooLong(MediaError):
    code = "too_long"


class TooShort(MediaError):
    code = "too_short"


class TooLarge(MediaError):
    code = "too_large"


class TooManyPixels(MediaError):
    code = "too_many_pixels"


class DamagedFile(MediaError):
    code = "damaged_file"


class DecoderDied(MediaError):
    """The process that read the file crashed, ran out of memory or out of time."""

    code = "decoder_died"
