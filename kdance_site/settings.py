"""Settings of the whole site. Everything that changes between machines comes from the environment (docs/operations.md)."""

import os
import secrets
from pathlib import Path
from typing import Literal

import django_stubs_ext
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from servestatic.compress import Compressor

from inference.estimators.registry import estimator_names
from inference.queue_names import POSE_QUEUES, Queue
from kdance_site.embedded_postgres.paths import socket_dir
from kdance_site.env import (
    database_from_url,
    env_bool,
    env_choice,
    env_choices,
    env_int,
    env_list,
    env_path,
    mailer_from_url,
)
from kdance_site.static_headers import add_headers

# Lets classes such as ModelAdmin carry their model as a type argument at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env_path("KDANCE_DATA_DIR", BASE_DIR / "var")


def _kept_secret_key() -> str:
    """A key of this installation's own, made once and readable by its user alone."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or _kept_secret_key()
DEBUG = env_bool("DEBUG", default=False)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])
BEHIND_HTTPS = env_bool("BEHIND_HTTPS", default=False)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "channels",
    "channels_postgres",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "rest_framework",
    "storages",
    "accounts",
    "inference",
    "choreography",
    "kdance_site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.person_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "kdance_site.urls"
ASGI_APPLICATION = "kdance_site.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.csp",
                "django.template.context_processors.i18n",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database: the embedded PostgreSQL unless DATABASE_URL names another.
POSTGRES_DIR = env_path("KDANCE_POSTGRES_DIR", DATA_DIR / "postgres")
DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES: dict[str, dict[str, object]] = {
    "default": database_from_url(DATABASE_URL)
    if DATABASE_URL
    else {
        "ENGINE": "kdance_site.embedded_postgres",
        "NAME": "kdance",
        "USER": "kdance",
        "HOST": str(socket_dir(POSTGRES_DIR)),
    }
}
DATABASES["default"]["TEST"] = {"NAME": "test_kdance"}

# Sockets: PostgreSQL carries the messages unless REDIS_URL names a Redis. The CONFIG must be the very dict of DATABASES.
REDIS_URL = env_list("REDIS_URL", [])
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": REDIS_URL},
    }
    if REDIS_URL
    else {"BACKEND": "inference.layers.PostgresLayer", "CONFIG": DATABASES["default"]}
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = env_choice("ACCOUNT_EMAIL_VERIFICATION", "optional", ("none", "optional", "mandatory"))
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignUpForm",
    "login": "accounts.forms.SignInForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "add_email": "accounts.forms.ChangeEmailForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
# Tries before a wait, by address of the network and by account; they count in the cache, so all web processes share it.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/5m/key", "signup": "20/m/ip"}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kdance_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
MAILERS = {"default": mailer_from_url(os.environ.get("EMAIL_URL") or "console:")}
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or "KDance <kdance@localhost>"

# Words
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

# Files: `static` is public, `private` answers only through views that ask who is there.
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_ADD_HEADERS_FUNCTION = add_headers
# The pose models are numbers without a pattern: an eighth of 15 MB would be saved, for a second at each set-up.
SERVESTATIC_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "task")
PRIVATE_STORAGE = env_choice("PRIVATE_STORAGE", "disk", ("disk", "s3"))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # People's videos: for the user that runs the site, not for everybody with a login on the machine.
        "OPTIONS": {
            "location": DATA_DIR / "media",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
    if PRIVATE_STORAGE == "disk"
    else {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env_list("S3_BUCKET", ["kdance"])[0],
            "default_acl": "private",
            "querystring_auth": True,
            # A larger object is read by way of the disk: a clip has no room in a worker's memory.
            "max_memory_size": 10_000_000,
        },
    },
    "staticfiles": {"BACKEND": "kdance_site.static_storage.StaticStorage"},
}
UPLOAD_MAX_BYTES = env_int("UPLOAD_MAX_MB", 500, least=1, most=10_000) * 1_000_000
UPLOAD_MAX_S = env_int("UPLOAD_MAX_MINUTES", 6, least=1, most=60) * 60
# On the same disk as the files kept, so that keeping an upload moves it instead of copying it.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# Pose engine
MODEL_DIR = env_path("KDANCE_MODEL_DIR", DATA_DIR / "models")
POSE_ESTIMATOR = env_choice("POSE_ESTIMATOR", "blazepose-full", estimator_names())

# Jobs
PROCRASTINATE_ON_APP_READY = "inference.queue.on_app_ready"
POSE_QUEUE = env_choice("POSE_QUEUE", Queue.POSE, POSE_QUEUES)
# By default a worker takes whatever may wait in this installation.
QUEUES_IN_USE = tuple(queue for queue in Queue if queue != Queue.POSE_GPU or POSE_QUEUE == Queue.POSE_GPU)
WORKER_QUEUES = env_choices("WORKER_QUEUES", QUEUES_IN_USE, tuple(Queue))
POSE_WORKERS = env_int("POSE_WORKERS", min(os.cpu_count() or 1, 4), least=1, most=64)
# Address space of each process that reads a clip. CUDA reserves far more addresses than memory: 0 lifts the limit.
POSE_MEMORY_LIMIT_MB = env_int("POSE_MEMORY_LIMIT_MB", 4000, least=0, most=1_000_000)

# Insights
INSIGHTS_PUBLIC_SUMMARY = env_bool("INSIGHTS_PUBLIC_SUMMARY", default=False)

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer", "choreography.api_pages.ApiPages"],
    "EXCEPTION_HANDLER": "choreography.api_limits.refusal",
    # Counted in the cache that all web processes share. Uvicorn puts the caller's own address in place of its proxy's.
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "300/min", "upload": "60/hour", "live": "240/hour"},
    "NUM_PROXIES": 0,
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 24,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KDance",
    "DESCRIPTION": "Choreographies, guides' tracks and a dancer's own attempts.",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Security
SECURE_CSP = {
    "default-src": [CSP.SELF],
    # WebAssembly: the pose engine that runs in the browser.
    "script-src": [CSP.SELF, CSP.NONCE, "'wasm-unsafe-eval'"],
    "worker-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "media-src": [
        CSP.SELF,
        "blob:",
        *env_list("S3_ORIGINS", ["https://*.amazonaws.com"] if PRIVATE_STORAGE == "s3" else []),
    ],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_HTTPS
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
# Both speak for every other site under the same domain, which is for its owner to decide and not for one of them.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # It tells of each start of the upkeep, every ten seconds; what became of a job stands in its row.
        "procrastinate": {"level": "WARNING"},
        # A traceback for everybody who calls us by another name would fill the log; they get their 400.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # It warns of every hint that no page is open for.
        "channels_postgres": {"level": "ERROR"},
    },
}
