"""Settings from the environment, refused loudly where they make no sense."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}
SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
SMTP_TIMEOUT_S = 10


def env_bool(name: str, default: bool) -> bool:
    word = os.environ.get(name, str(default)).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name}={word!r}: use 1 or 0.")


def env_int(name: str, default: int, *, least: int, most: int) -> int:
    text = os.environ.get(name, str(default))
    try:
        number = int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text!r}: use a whole number.") from None
    if not least <= number <= most:
        raise ImproperlyConfigured(f"{name}={number}: use {least} to {most}.")
    return number


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    word = os.environ.get(name, default)
    if word not in choices:
        raise ImproperlyConfigured(f"{name}={word!r}: use one of {', '.join(choices)}.")
    return word


def env_list(name: str, default: list[str]) -> list[str]:
    text = os.environ.get(name)
    return default if text is None else [word.strip() for word in text.split(",") if word.strip()]


def env_choices(name: str, default: tuple[str, ...], choices: tuple[str, ...]) -> list[str]:
    """At least one of `choices`, with commas between them."""
    words = env_list(name, list(default))
    if not words or not set(words) <= set(choices):
        raise ImproperlyConfigured(f"{name}={','.join(words)!r}: use one or more of {', '.join(choices)}.")
    return words


def env_path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).expanduser().resolve()


def database_from_url(url: str) -> dict[str, object]:
    """Django's database settings for postgresql://user:password@host:port/name?sslmode=require.

    A percent-encoded folder as the host names a Unix socket's; what follows the `?` goes to libpq as it is.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL: use postgresql://user:password@host:port/name.")
    try:
        port = str(parts.port or "")
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL: its port is not a number.") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": _host(parts.netloc),
        "PORT": port,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def mailer_from_url(url: str) -> dict[str, object]:
    """Django's mailer for smtp://user:password@host:port, or one that prints every mail, for `console:`.

    smtp:// sends in the clear, smtp+starttls:// encrypts before it says who it is, smtps:// from the first byte.
    """
    if url == "console:":
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in SMTP_PORTS or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL: use console: or smtp+starttls://user:password@host:port.")
    try:
        port = parts.port or SMTP_PORTS[parts.scheme]
    except ValueError:
        raise ImproperlyConfigured("EMAIL_URL: its port is not a number.") from None
    options: dict[str, object] = {
        "host": parts.hostname,
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+starttls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": SMTP_TIMEOUT_S,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


def _host(netloc: str) -> str:
    """The host in its own case: urlsplit's `hostname` is in small letters, which names another folder."""
    address = netloc.rpartition("@")[2]
    if address.startswith("["):
        return address[1 : address.index("]")]
    return unquote(address.partition(":")[0])
