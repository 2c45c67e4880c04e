"""The API as pages that one can browse."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.csp import CSP
from rest_framework.renderers import BrowsableAPIRenderer

# The framework's own page, and the jQuery that it brings, style in place. Scripts stay under the site's policy.
POLICY = settings.SECURE_CSP | {"style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}


class ApiPages(BrowsableAPIRenderer):
    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> Any:
        page = super().render(data, accepted_media_type, renderer_context)
        if renderer_context is not None:
            renderer_context["response"]._csp_config = POLICY
        return page
