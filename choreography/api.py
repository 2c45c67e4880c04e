"""The API: the same reads and use-cases as the pages, with the same permissions."""

from typing import Any, ClassVar, cast, get_args

from django.core.files.uploadedfile import UploadedFile
from django.core.validators import slug_re
from django.db.models import Prefetch, QuerySet
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from choreography import services
from choreography.api_limits import ShallowJSONParser, UploadThrottle, api_error
from choreography.comparison.result import Correction, FindingKind, Part
from choreography.comparison.result_payloads import EightPayload, PartScoresPayload
from choreography.failures import message_for
from choreography.feedback import first_sentence
from choreography.findings import findings
from choreography.models import Artist, Attempt, Choreography, Comparison, Guide, GuideState, Section, Song
from choreography.payloads import CountsPayload
from choreography.places import names_of
from choreography.queries.people import attempt_portrait_url, is_judged
from choreography.queries.practice import comparisons, counts_payload, own_attempts
from choreography.results import complete
from inference.models import Person
from inference.progress import snapshot
from inference.services import cancel_job


class ArtistSerializer(serializers.ModelSerializer[Artist]):
    class Meta:
        model = Artist
        fields = ("name_en", "name_ko", "name_romanised")


class SongSerializer(serializers.ModelSerializer[Song]):
    artist = ArtistSerializer()

    class Meta:
        model = Song
        fields = ("title_en", "title_ko", "artist", "bpm", "first_beat_s", "released_on")


class SectionSerializer(serializers.ModelSerializer[Section]):
    class Meta:
        model = Section
        fields = ("kind", "start_s", "end_s")


class CountsSerializer(serializers.Serializer[Any]):
    """Where the counts of a guide lie; `first_beat_s` is a count 1, in seconds of the guide, and may be negative."""

    bpm = serializers.FloatField()
    first_beat_s = serializers.FloatField()


class GuideSerializer(serializers.ModelSerializer[Guide]):
    track_url = serializers.HyperlinkedIdentityField(view_name="guide_track", lookup_url_kwarg="guide_id")
    video_url = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Guide
        fields = ("id", "version", "duration_s", "track_url", "video_url", "counts")

    def get_video_url(self, guide: Guide) -> str | None:
        return reverse("guide_video", args=[guide.pk], request=self.context["request"]) if guide.video_id else None

    @extend_schema_field(CountsSerializer(allow_null=True))
    def get_counts(self, guide: Guide) -> CountsPayload | None:
        return counts_payload(guide)


class ChoreographySerializer(serializers.ModelSerializer[Choreography]):
    song = SongSerializer()
    sections = SectionSerializer(many=True)
    guide = serializers.SerializerMethodField()

    class Meta:
        model = Choreography
        fields = (
            "slug", "song", "part", "difficulty", "dancers", "choreographer", "source", "licence", "is_demo",
            "sections", "guide",
        )  # fmt: skip

    @extend_schema_field(GuideSerializer(allow_null=True))
    def get_guide(self, choreography: Choreography) -> dict[str, Any] | None:
        published = list(choreography.guides.all())
        return dict(GuideSerializer(published[0], context=self.context).data) if published else None


class PartsSerializer(serializers.Serializer[Any]):
    """0 to 100; null where it could not be judged. Energy is half of size."""

    shape = serializers.FloatField(allow_null=True)
    timing = serializers.FloatField(allow_null=True)
    size = serializers.FloatField(allow_null=True)
    energy = serializers.FloatField(allow_null=True)


class PlaceSerializer(serializers.Serializer[Any]):
    """`section` is an index into the dance's sections; eights and counts are from 1; null where not known."""

    section = serializers.IntegerField(allow_null=True)
    eight = serializers.IntegerField(allow_null=True)
    first_count = serializers.IntegerField(allow_null=True)
    last_count = serializers.IntegerField(allow_null=True)


class EightSerializer(serializers.Serializer[Any]):
    """One eight of the guide, or a few seconds where nobody counts."""

    index = serializers.IntegerField()
    start_s = serializers.FloatField()
    end_s = serializers.FloatField()
    place = PlaceSerializer()
    score = serializers.FloatField(allow_null=True)
    parts = PartsSerializer()
    lag_ms = serializers.FloatField(allow_null=True, help_text="Positive is late.")
    limbs = serializers.DictField(child=serializers.FloatField(allow_null=True))


class FindingSerializer(serializers.Serializer[Any]):
    """Something to mend: as codes, and as words in the language of the request. Limbs in codes are the guide's."""

    kind = serializers.ChoiceField(get_args(FindingKind))
    limb = serializers.CharField()
    part = serializers.ChoiceField(get_args(Part))
    correction = serializers.ChoiceField(get_args(Correction), allow_null=True)
    start_s = serializers.FloatField()
    end_s = serializers.FloatField()
    place = PlaceSerializer()
    degrees = serializers.FloatField(allow_null=True)
    lag_ms = serializers.FloatField(allow_null=True)
    size_ratio = serializers.FloatField(allow_null=True)
    cost = serializers.FloatField()
    sureness = serializers.FloatField()
    sentence = serializers.CharField()
    where = serializers.CharField()


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    """What a take was found to be; `result` has everything, as the comparison stored it."""

    sentence = serializers.SerializerMethodField()
    error_bar = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField()
    eights = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()

    class Meta:
        model = Comparison
        fields = (
            "scoring_version", "verdict", "sentence", "score", "error_bar", "parts", "eights", "findings", "offset_s",
            "mirrored", "coverage", "result", "created_at",
        )  # fmt: skip

    def get_sentence(self, comparison: Comparison) -> str:
        result = complete(comparison.result)
        return first_sentence(result, names_of(comparison.attempt, result))

    def get_error_bar(self, comparison: Comparison) -> float | None:
        return complete(comparison.result)["error_bar"]

    @extend_schema_field(PartsSerializer)
    def get_parts(self, comparison: Comparison) -> PartScoresPayload:
        return complete(comparison.result)["parts"]

    @extend_schema_field(EightSerializer(many=True))
    def get_eights(self, comparison: Comparison) -> list[EightPayload]:
        return complete(comparison.result)["eights"]

    @extend_schema_field(FindingSerializer(many=True))
    def get_findings(self, comparison: Comparison) -> list[dict[str, Any]]:
        result = complete(comparison.result)
        told = findings(result, names_of(comparison.attempt, result))
        return [
            {**found, "sentence": words.what, "where": words.where}
            for found, words in zip(result["findings"], told, strict=True)
        ]


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class JobSerializer(serializers.Serializer[Any]):
    """How far the analysis is; the same as the socket sends."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    stage = serializers.CharField()
    percent = serializers.IntegerField()
    frames_per_s = serializers.FloatField(allow_null=True)
    left_s = serializers.FloatField(allow_null=True)
    queue_position = serializers.IntegerField(allow_null=True)
    attempt = serializers.IntegerField()
    failure = FailureSerializer(allow_null=True)


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """A take: `job` tells how far its analysis is, `comparison` is there once it is done."""

    choreography: "serializers.SlugRelatedField[Choreography]" = serializers.SlugRelatedField(
        slug_field="slug", read_only=True
    )
    job = serializers.SerializerMethodField()
    score = serializers.FloatField(source="comparison.score", read_only=True, default=None)
    start_s = serializers.FloatField(
        read_only=True, allow_null=True, help_text="Where the dancer put the guide's time 0, in seconds of the take."
    )
    is_live = serializers.BooleanField(
        read_only=True, help_text="Danced before the webcam: the joints alone were sent, there is no video."
    )
    url = serializers.HyperlinkedIdentityField(view_name="api-attempt-detail")

    class Meta:
        model = Attempt
        fields = ("id", "url", "choreography", "created_at", "score", "start_s", "is_live", "job")

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, attempt: Attempt) -> dict[str, Any] | None:
        return dict(snapshot(attempt.job)) if attempt.job else None


class PersonSerializer(serializers.ModelSerializer[Person]):
    """Somebody seen in the clip. Who is `is_judged` is the one whom the result is about."""

    is_judged = serializers.SerializerMethodField()
    refusal = serializers.CharField(allow_null=True, help_text="Why this person cannot be judged, if so.")
    portrait_url = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = (
            "number", "kind", "is_judged", "refusal", "prominence", "seen_share", "first_s", "last_s", "portrait_s",
            "portrait_url", "report",
        )  # fmt: skip

    def get_is_judged(self, person: Person) -> bool:
        return is_judged(person, self.context["attempt"].video, self.context["attempt"].track_key)

    def get_portrait_url(self, person: Person) -> str | None:
        address = attempt_portrait_url(self.context["attempt"], person)
        request: Request = self.context["request"]
        return request.build_absolute_uri(address) if address else None


class ChosenPersonSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=0, max_value=99)


class ChosenStartSerializer(serializers.Serializer[Any]):
    start_s = serializers.FloatField(
        allow_null=True, help_text="The guide's time 0 in seconds of the take; null to have it found again."
    )


class ChoreographyField(serializers.SlugRelatedField[Choreography]):
    """A choreography by its slug; what cannot be one is not looked for (PostgreSQL knows no text with a zero byte)."""

    def to_internal_value(self, data: Any) -> Choreography:
        if not slug_re.match(str(data)):
            self.fail("does_not_exist", slug_name=self.slug_field, value=str(data))
        return super().to_internal_value(data)


class NewAttemptSerializer(serializers.Serializer[Any]):
    choreography = ChoreographyField(slug_field="slug", queryset=Choreography.objects.all())
    clip = serializers.FileField(allow_empty_file=True)  # the use-case refuses it, with a code of its own


class ErrorSerializer(serializers.Serializer[Any]):
    """Every refusal; where the code is `invalid`, `error.fields` tells code and message of each field."""

    error = FailureSerializer()


class ChoreographyViewSet(viewsets.ReadOnlyModelViewSet[Choreography]):
    """Choreographies that can be danced now."""

    serializer_class = ChoreographySerializer
    permission_classes = (AllowAny,)
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    def get_queryset(self) -> QuerySet[Choreography]:
        published = Guide.objects.filter(state=GuideState.PUBLISHED).defer("poster")
        return (
            Choreography.objects.filter(guides__state=GuideState.PUBLISHED)
            .select_related("song__artist")
            .prefetch_related("sections", Prefetch("guides", queryset=published))
        )


@method_decorator(never_cache, name="dispatch")
class AttemptViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[Attempt]
):
    """The signed-in dancer's own takes. Anybody else's answer 404."""

    serializer_class = AttemptSerializer
    parser_classes = (MultiPartParser,)
    queryset = Attempt.objects.none()
    lookup_value_converter: ClassVar[str] = "uuid"

    def get_throttles(self) -> list[BaseThrottle]:
        return [UploadThrottle()] if self.action == "create" else super().get_throttles()

    def get_queryset(self) -> QuerySet[Attempt]:
        return own_attempts(self._dancer()) if self.request.user.is_authenticated else Attempt.objects.none()

    @extend_schema(request=NewAttemptSerializer, responses={201: AttemptSerializer, 400: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Send a clip (mp4, mov or webm). The answer comes at once; `job` tells how far the analysis is."""
        wanted = NewAttemptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        clip = cast("UploadedFile[Any]", wanted.validated_data["clip"])
        try:
            attempt = services.submit_attempt(
                dancer=self._dancer(), choreography=wanted.validated_data["choreography"], upload=clip
            )
        except services.PracticeError as refusal:
            return _refused(refusal)
        return Response(self.get_serializer(attempt).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: ComparisonSerializer, 404: ErrorSerializer})
    @action(detail=True)
    def result(self, request: Request, pk: str | None = None) -> Response:
        """The comparison with the guide; 404 until the analysis is done."""
        attempt = self.get_object()
        comparison = comparisons().filter(attempt=attempt).first()
        if comparison is None:
            raise NotFound
        return Response(ComparisonSerializer(comparison).data)

    @extend_schema(request=None, responses=AttemptSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Stop the analysis."""
        attempt = self.get_object()
        if attempt.job is not None:
            cancel_job(attempt.job)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses={200: AttemptSerializer, 400: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Analyse the clip again after a failure or a cancellation."""
        try:
            services.retry_attempt(self.get_object())
        except services.PracticeError as refusal:
            return _refused(refusal)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses=PersonSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def people(self, request: Request, pk: str | None = None) -> Response:
        """Everybody seen in the clip, the most prominent first; empty until it was searched."""
        attempt = self.get_object()
        people = attempt.video.people.all() if attempt.video is not None else Person.objects.none()
        context = {**self.get_serializer_context(), "attempt": attempt}
        return Response(PersonSerializer(people, many=True, context=context).data)

    @extend_schema(request=ChosenPersonSerializer, responses={200: AttemptSerializer, 400: ErrorSerializer})
    @action(detail=True, methods=["post"], parser_classes=(ShallowJSONParser, FormParser, MultiPartParser))
    def dancer(self, request: Request, pk: str | None = None) -> Response:
        """Judge another person of the clip. The clip is not searched again; `job` tells when the new result is there."""
        attempt = self.get_object()
        wanted = ChosenPersonSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            services.judge_person(attempt, wanted.validated_data["number"])
        except services.PracticeError as refusal:
            return _refused(refusal)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=ChosenStartSerializer, responses={200: AttemptSerializer, 400: ErrorSerializer})
    @action(detail=True, methods=["post"], parser_classes=(ShallowJSONParser, FormParser, MultiPartParser))
    def start(self, request: Request, pk: str | None = None) -> Response:
        """Compare from another start; the result says which one was taken and what else it might have been."""
        attempt = self.get_object()
        wanted = ChosenStartSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            services.move_start(attempt, wanted.validated_data["start_s"])
        except services.PracticeError as refusal:
            return _refused(refusal)
        return Response(self.get_serializer(self.get_object()).data)

    def perform_destroy(self, instance: Attempt) -> None:
        services.delete_attempt(instance)

    def _dancer(self) -> User:
        return cast(User, self.request.user)


def _refused(refusal: services.PracticeError) -> Response:
    return Response(api_error(refusal.code, message_for(refusal.code)), status=status.HTTP_400_BAD_REQUEST)
