from django.urls import include, path
from rest_framework.routers import DefaultRouter

from choreography import api
from choreography.views import catalogue, drill, insights, insights_dances, live, live_takes, media, practice, teaching

router = DefaultRouter()
router.register("choreographies", api.ChoreographyViewSet, basename="api-choreography")
router.register("attempts", api.AttemptViewSet, basename="api-attempt")

urlpatterns = [
    path("", catalogue.home, name="home"),
    path("choreographies/", catalogue.choreographies, name="choreographies"),
    path("choreographies/<slug:slug>/", catalogue.choreography, name="choreography"),
    path("choreographies/<slug:slug>/live/", live.live, name="live"),
    path("choreographies/<slug:slug>/live/takes/", live_takes.LiveTakesView.as_view(), name="live_takes"),
    path("live/<uuid:take_id>/", live_takes.LiveTakeDeleteView.as_view(), name="live_take"),
    path("live/<uuid:take_id>/parts/<int:number>/", live_takes.LivePartView.as_view(), name="live_part"),
    path("live/<uuid:take_id>/done/", live_takes.LiveDoneView.as_view(), name="live_done"),
    path("choreographies/<slug:slug>/drill/", drill.drill, name="drill"),
    path("choreographies/<slug:slug>/takes/", practice.attempt_upload, name="attempt_upload"),
    path("takes/", practice.history, name="history"),
    path("takes/<uuid:attempt_id>/", practice.attempt, name="attempt"),
    path("takes/<uuid:attempt_id>/delete/", practice.attempt_delete, name="attempt_delete"),
    path("takes/<uuid:attempt_id>/cancel/", practice.attempt_cancel, name="attempt_cancel"),
    path("takes/<uuid:attempt_id>/retry/", practice.attempt_retry, name="attempt_retry"),
    path("takes/<uuid:attempt_id>/dancer/", practice.attempt_dancer, name="attempt_dancer"),
    path("takes/<uuid:attempt_id>/start/", practice.attempt_start, name="attempt_start"),
    path("takes/<uuid:attempt_id>/teachers/", practice.attempt_teachers, name="attempt_teachers"),
    path("takes/<uuid:attempt_id>/people/<int:number>.jpg", media.attempt_portrait, name="attempt_portrait"),
    path("takes/<uuid:attempt_id>/track.kdt", media.attempt_track, name="attempt_track"),
    path("takes/<uuid:attempt_id>/video", media.attempt_video, name="attempt_video"),
    path("takes/<uuid:attempt_id>/poster.svg", media.attempt_poster, name="attempt_poster"),
    path("takes/<uuid:attempt_id>/poster.json", media.attempt_poster_data, name="attempt_poster_data"),
    path("practice/", drill.practice_report, name="practice_report"),
    path("teach/", teaching.teach, name="teach"),
    path("teach/<uuid:attempt_id>/", teaching.teach_take, name="teach_take"),
    path("insights/", insights.insights, name="insights"),
    path("insights/state/", insights.insights_state, name="insights_state"),
    path("insights/tables/<slug:table>.csv", insights.insights_table, name="insights_table"),
    path("insights/dances/", insights_dances.insights_dances, name="insights_dances"),
    path("insights/dances.csv", insights_dances.insights_dances_csv, name="insights_dances_csv"),
    path("insights/dances/<slug:slug>/", insights_dances.insights_dance, name="insights_dance"),
    path("insights/dances/<slug:slug>/<slug:table>.csv", insights_dances.insights_dance_csv, name="insights_dance_csv"),
    path("insights/invitations/<str:token>/", insights.insights_invitation, name="insights_invitation"),
    path("guides/<uuid:guide_id>/people/<int:number>.jpg", media.guide_portrait, name="guide_portrait"),
    path("guides/<uuid:guide_id>/track.kdt", media.guide_track, name="guide_track"),
    path("guides/<uuid:guide_id>/video", media.guide_video, name="guide_video"),
    path("guides/<uuid:guide_id>/audio", media.guide_audio, name="guide_audio"),
    path("guides/<uuid:guide_id>/poster.svg", media.guide_poster, name="guide_poster"),
    path("guides/<uuid:guide_id>/poster.json", media.guide_poster_data, name="guide_poster_data"),
    path("api/v1/", include(router.urls)),
]
