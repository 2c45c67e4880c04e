"""Names of socket groups, and the hint that tells open pages to look at a job again."""

from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def job_group(job_id: UUID) -> str:
    return f"job-{job_id}"


def hint_job_changed(job_id: UUID) -> None:
    """Tell whoever watches the job that its row changed. A lost hint costs seconds, never the truth."""
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(job_group(job_id), {"type": "job.changed"})
