"""Where a browser sends what was danced before the webcam: open, part after part, done. docs/live-takes.md."""

from typing import Any, cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import User
from choreography import live_takes
from choreography.api import ErrorSerializer
from choreography.api_limits import LiveTakeThrottle, ShallowJSONParser, api_error
from choreography.failures import message_for
from choreography.live_takes import NotTheirs
from choreography.models import Choreography, LiveTake
from choreography.services import PracticeError

REFUSED = {400: ErrorSerializer, 404: ErrorSerializer}


class NewLiveTakeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Made by the browser, so that a take sent twice stays one.")
    offset_s = serializers.FloatField(help_text="t_take = t_guide + offset_s")
    size_bytes = serializers.IntegerField(min_value=1, help_text="Of the whole .kdt track, at most 4 MiB.")


class OpenLiveTakeSerializer(serializers.Serializer[Any]):
    """`received` are the numbers of the parts that need not be sent again; `url` is there once the take is done."""

    id = serializers.UUIDField()
    part_bytes = serializers.IntegerField(help_text="Of each part but the last.")
    received = serializers.ListField(child=serializers.IntegerField())
    url = serializers.CharField(required=False, help_text="The page of the take.")


class DoneLiveTakeSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="The page of the take.")


@method_decorator(never_cache, name="dispatch")
class LiveTakeView(APIView):
    """For signed-in dancers and their own takes; anybody else's answers as one that does not exist."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, PracticeError):
            return Response(api_error(exc.code, message_for(exc.code)), status=status.HTTP_400_BAD_REQUEST)
        return super().handle_exception(NotFound() if isinstance(exc, NotTheirs) else exc)

    def _own(self, take_id: UUID) -> LiveTake:
        take = live_takes.own_live_take(self._dancer(), take_id)
        if take is None:
            raise NotFound
        return take

    def _dancer(self) -> User:
        return cast(User, self.request.user)


class LiveTakesView(LiveTakeView):
    parser_classes = (ShallowJSONParser,)

    def get_throttles(self) -> list[BaseThrottle]:
        return [LiveTakeThrottle()]

    @extend_schema(
        operation_id="live_take_open",
        parameters=[OpenApiParameter("guide", OpenApiTypes.UUID, description="The guide that was danced to.")],
        request=NewLiveTakeSerializer,
        responses={200: OpenLiveTakeSerializer, **REFUSED},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Begin to send a take danced live, or ask which of its parts have arrived."""
        wanted = NewLiveTakeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        take = live_takes.open_take(
            dancer=self._dancer(),
            choreography=get_object_or_404(Choreography, slug=slug),
            take_id=wanted.validated_data["id"],
            offset_s=wanted.validated_data["offset_s"],
            size_bytes=wanted.validated_data["size_bytes"],
            guide_id=_guide_id(request.query_params.get("guide", "")),
        )
        state = {"id": take.pk, "part_bytes": live_takes.PART_BYTES, "received": live_takes.received(take)}
        if take.attempt is not None:
            state["url"] = take.attempt.get_absolute_url()
        return Response(OpenLiveTakeSerializer(state).data)


def _guide_id(text: str) -> UUID | None:
    """Raises NotFound for what is no id."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


class LivePartView(LiveTakeView):
    def get_throttles(self) -> list[BaseThrottle]:
        return []  # a take has many parts; opening one is counted

    @extend_schema(
        operation_id="live_take_part",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={204: None, **REFUSED},
    )
    def put(self, request: Request, take_id: UUID, number: int) -> Response:
        """Send one part of the track, from 0; the same one may be sent again."""
        live_takes.keep_part(self._own(take_id), number, request.body)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LiveDoneView(LiveTakeView):
    @extend_schema(operation_id="live_take_done", request=None, responses={200: DoneLiveTakeSerializer, **REFUSED})
    def post(self, request: Request, take_id: UUID) -> Response:
        """All parts are sent: the take is checked, and its comparison with the guide begins."""
        attempt = live_takes.finish(self._own(take_id))
        return Response(DoneLiveTakeSerializer({"url": attempt.get_absolute_url()}).data)


class LiveTakeDeleteView(LiveTakeView):
    @extend_schema(operation_id="live_take_abandon", request=None, responses={204: None, **REFUSED})
    def delete(self, request: Request, take_id: UUID) -> Response:
        """Forget a take that was not sent to its end."""
        live_takes.abandon(self._own(take_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
