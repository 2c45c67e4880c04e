"""What the API says when it refuses, and how often it may be asked."""

from typing import Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import exception_handler


class ShallowJSONParser(JSONParser):
    """Refuses what is nested too deep to be read, as it does what is no JSON."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError from None


class UploadThrottle(UserRateThrottle):
    """Clips a person may send."""

    scope = "upload"


class LiveTakeThrottle(UserRateThrottle):
    """Live takes a person may begin to send, each question after what has arrived of one counted."""

    scope = "live"


def api_error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def refusal(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal in one form: a stable code, a sentence, and for a request that does not fit, the same by field."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        fields = {name: _first(details) for name, details in _by_field(error).items()}
        first = next(iter(fields.values()))
        body = api_error("invalid", first["message"])
        body["error"]["fields"] = fields
    else:
        detail = response.data["detail"]
        body = api_error(detail.code, str(detail))
    response.data = body
    return response


def _by_field(error: ValidationError) -> dict[str, Any]:
    details: Any = error.get_full_details()
    return details if isinstance(details, dict) else {"": details}


def _first(details: Any) -> dict[str, str]:
    """The first of a field's errors, however deep it lies."""
    while not (isinstance(details, dict) and isinstance(details.get("message"), str)):
        details = next(iter(details.values())) if isinstance(details, dict) else details[0]
    return {"code": str(details["code"]), "message": str(details["message"])}
