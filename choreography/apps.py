from django.apps import AppConfig


class ChoreographyConfig(AppConfig):
    name = "choreography"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts.signals import account_closing
        from choreography import insights, jobs, services  # noqa: F401  (jobs registers its handlers)

        account_closing.connect(lambda user, **_: services.delete_dancer_data(user), weak=False)
        user_logged_in.connect(lambda request, user, **_: insights.remember(request.session, user), weak=False)
