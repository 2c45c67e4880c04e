"""Who keeps the catalogue and the pose models at the admin's desk."""

from django.http import HttpRequest


class ForCurators:
    """Whoever is staff keeps the catalogue: that is what the role means. People stay with the superusers."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_curator(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return _is_curator(request)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return _is_curator(request)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return _is_curator(request)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return _is_curator(request)


def _is_curator(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff
