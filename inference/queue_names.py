"""The queues in which jobs wait, by name. No Django here: the settings read them."""

from enum import StrEnum


class Queue(StrEnum):
    """A kind of job that reads poses declares `POSE`; the setting POSE_QUEUE sends such jobs to `POSE_GPU` instead."""

    POSE = "pose"
    POSE_GPU = "pose_gpu"
    DEFAULT = "default"


POSE_QUEUES = (Queue.POSE, Queue.POSE_GPU)
# The upkeep's own, which every worker works on: it never waits behind a job.
UPKEEP = "upkeep"
