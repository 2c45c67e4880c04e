from django.apps import AppConfig


class ChoreographyConfig(AppConfig):
    name = "choreography"

    def ready(self) -> None:
        from accounts.signals import account_closing
        from choreography import jobs, services  # noqa: F401  (jobs registers its handlers)

        account_closing.connect(lambda user, **_: services.delete_dancer_data(user), weak=False)
