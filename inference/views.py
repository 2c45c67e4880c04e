"""The state of a job for pages whose socket is down."""

from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from inference.progress import snapshot
from inference.services import visible_job


@never_cache
@require_safe
def job_state(request: HttpRequest, job_id: UUID) -> JsonResponse:
    job = visible_job(job_id, request.user)
    if job is None:
        raise Http404
    return JsonResponse(dict(snapshot(job)))
