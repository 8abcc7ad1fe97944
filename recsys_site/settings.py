"""One settings module for every environment.

What differs between machines comes from the environment (docs/reference/settings.md);
the defaults are those of the local demo, and production refuses to start on them.
"""

from __future__ import annotations

import os
from pathlib import Path

import django_stubs_ext
from psycopg.conninfo import conninfo_to_dict

from . import content_security, embedded, env, limits, navigation, reading, secrets

# Let annotations such as ModelAdmin[Item] work at run time.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
FILES_ROOT = Path(
    env.text("RECSYS_FILES_ROOT", str(embedded.state_directory() / "files"))
)

# Before anything counts: who counts for others to tell of needs the directory.
if shared_counts := env.text("PROMETHEUS_MULTIPROC_DIR", ""):
    Path(shared_counts).mkdir(parents=True, exist_ok=True)

# Core

VERSION = "0.1.0"
GIT_COMMIT = env.text("GIT_COMMIT", "")
# "desk" answers everything, "serve" the hot routes only and with less middleware.
PROCESS = env.text("RECSYS_PROCESS", "desk")
# Anybody who can reach the port may call the API as the demo key when this is off.
AUTHENTICATION = env.flag("RECSYS_AUTH", default=bool(os.environ.get("HOST")))
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = secrets.secret_key()
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS", "*" if not AUTHENTICATION else "").split()
CSRF_TRUSTED_ORIGINS = env.text("CSRF_TRUSTED_ORIGINS", "").split()
ROOT_URLCONF = f"recsys_site.urls_{PROCESS}"
WSGI_APPLICATION = "recsys_site.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"  # Merchandisers have time zones; the pipeline does not.
USE_I18N = False
FORMAT_MODULE_PATH = "recsys_site.formats"
APPEND_SLASH = False
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # The default one replaces our admin site.
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "catalog",
    "audit",
    "rules",
    "ranking",
    "simulations",
    "tuning",
    "recsys_site.apps.SiteConfig",
    "recsys_site.apps.AdminConfig",
]

_EVERY_REQUEST = [
    "catalog.api.request_id.RequestIdMiddleware",
    "django.middleware.common.CommonMiddleware",
]
_DESK = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "catalog.staff.StaffNamespaceMiddleware",
]
# What the hot routes do is counted by themselves, at a tenth of the time.
MIDDLEWARE = (
    _EVERY_REQUEST
    if PROCESS == "serve"
    else [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        *_EVERY_REQUEST,
        *_DESK,
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ]
)

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
STATIC_URL = "/static/"
STATIC_ROOT = embedded.state_directory() / "static"
# Serve what the apps bring even where nobody ran collectstatic.
WHITENOISE_USE_FINDERS = True
LOGIN_URL = "/admin/login/"

# Storage. Three roles: the app writes rows, the owner changes tables, reports read.

ADDRESSES = embedded.addresses()


# A host that vanished without a word is given up within seconds. Long statements are
# not hurt: its kernel goes on answering while PostgreSQL works.
_ENDING_WAITS = {
    "connect_timeout": 2,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 5,
}


_NAMED_BY_DJANGO = ("dbname", "user", "password", "host", "port")


def _database(url: str) -> dict[str, object]:
    parts = conninfo_to_dict(url)
    others = {name: parts[name] for name in parts if name not in _NAMED_BY_DJANGO}
    return {
        "ENGINE": "catalog.postgresql",
        "NAME": parts.get("dbname", "recsys"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Such as `sslmode`.
        "OPTIONS": {**_ENDING_WAITS, **others},
    }


DATABASES = {
    "default": _database(ADDRESSES.database_url),
    "owner": _database(ADDRESSES.owner_url),
    "read": _database(ADDRESSES.read_url),
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ADDRESSES.cache_url,
        "KEY_PREFIX": "recsys",
        # A server that is there and says nothing counts as away.
        "OPTIONS": {"socket_timeout": 0.5, "retry_on_timeout": False},
    }
}

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["catalog.api.wire.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["catalog.api.wire.JsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "catalog.api.openapi.OperationSchema",
    "EXCEPTION_HANDLER": "catalog.api.errors.to_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "RecSys",
    "DESCRIPTION": reading.DESCRIPTION,
    "TAGS": reading.TAGS,
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    # The only default hook names enums of serializers; ours come from Structs.
    "POSTPROCESSING_HOOKS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = int(
    env.number("RECSYS_MAX_BODY_BYTES", default=8 * 1024 * 1024)
)
MAX_ITEMS_A_BATCH = int(env.number("RECSYS_MAX_ITEMS_A_BATCH", default=1_000))
MAX_USERS_A_BATCH = int(env.number("RECSYS_MAX_USERS_A_BATCH", default=1_000))
MAX_EVENTS_A_BATCH = int(env.number("RECSYS_MAX_EVENTS_A_BATCH", default=5_000))
MAX_FEEDBACK_A_BATCH = int(env.number("RECSYS_MAX_FEEDBACK_A_BATCH", default=5_000))

# Networks that webhooks may lead to although they are not public.
WEBHOOK_NETWORKS = env.networks("RECSYS_WEBHOOK_NETWORKS")

# Workers

CELERY_BROKER_URL = ADDRESSES.redis_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # Every task is safe to run twice.
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_DEFAULT_PRIORITY = 3
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = limits.task_limits()
# Above the longest task: leases in the database, not the broker, decide who goes on.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": int(CELERY_TASK_TIME_LIMIT) + 3600,
    # The lower, the sooner: Runs that somebody waits for, tasks, Runs that nobody does.
    "priority_steps": [0, 3, 6],
    "queue_order_strategy": "round_robin",
    # A broker that cannot be reached must not hold a web process.
    "socket_connect_timeout": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# Who does which kind of Run. Named here because catalog may not import what lies above.
RUN_EXECUTORS = {
    "drop-search": "audit.operations.drop_search.execute_drop_search",
    "build": "ranking.operations.builds.execute_build",
    "embeddings": "ranking.operations.embedding_runs.execute_refresh",
    "import": "catalog.importers.runs.execute_import",
    "seed": "catalog.demo.runs.execute_seed",
    "export": "catalog.exporting.runs.execute_export",
    "rules-import": "rules.operations.importing.execute_dry_run",
    "rules-import-apply": "rules.operations.importing.execute_applying",
    "check": "simulations.operations.check_runs.execute_check",
    "sweep": "tuning.operations.sweep_runs.execute_sweep",
    "sweep-helper": "tuning.operations.sweep_runs.execute_sweep",
    "suggestions": "tuning.operations.suggestion_runs.execute_suggestions",
    "proposal": "tuning.operations.proposal_runs.execute_proposal",
    "evaluation": "simulations.operations.evaluation_runs.execute_evaluation",
    "scenarios": "simulations.operations.scenario_runs.execute_scenarios",
    "simulation": "simulations.operations.simulation_runs.execute_simulation",
    "experiment": "simulations.operations.experiment_runs.execute_analysis",
    "off-policy": "simulations.operations.offpolicy_runs.execute_estimate",
    "guardrails": "simulations.operations.guardrail_runs.execute_guardrails",
    "profile-check": "simulations.operations.profile_check_runs.execute_profile_check",
}
# What Runs make has an address in the API and a page in the admin: /v1/admin/NAME/KEY.
RUN_RESULT_PAGES = {
    "evaluations": "simulations_evaluation",
    "guardrail-checks": "simulations_guardrailcheck",
    "proposals": "tuning_proposal",
    "scenario-runs": "simulations_scenariorun",
    "simulations": "simulations_simulation",
    "sweeps": "tuning_sweep",
}

# What alerts tell of beside rules. Named here because rules may not import it.
ALARM_SOURCES = ("tuning.operations.watching.parted_proposals",)

# Who holds a new snapshot to the guardrails. Named here because ranking may not import
# what lies above.
BUILD_GUARD = "simulations.operations.build_guard.GUARD"

# How many pins a page takes, by ranking's knobs, for the checks of rules.
PIN_LIMITS = "ranking.queries.pin_limits.pin_limits"

# Into which segments requests are put, for the same checks.
SEGMENTS_IN_USE = "ranking.queries.segments.segments_in_use"

# Limits that no change may cross
GUARDRAILS_FILE = Path(
    env.text("RECSYS_GUARDRAILS_FILE", str(BASE_DIR / "guardrails.yml"))
)

# Fixtures, their templates, and what customers have of their own
FIXTURES_ROOT = Path(env.text("RECSYS_FIXTURES", str(BASE_DIR / "fixtures")))
REPORTS_ROOT = Path(env.text("RECSYS_REPORTS", str(FILES_ROOT / "reports")))

# Serving and audit

FIRST_BUILD_WAIT_SECONDS = env.number("RECSYS_FIRST_BUILD_WAIT", default=10)
REQUEST_DEADLINE_MS = env.number("RECSYS_REQUEST_DEADLINE_MS", default=80)
AUDIT_SYNC = env.text("AUDIT_SYNC", "process")
AUDIT_KEY = secrets.audit_key()
AUDIT_WHEN_FULL = env.text("AUDIT_WHEN_FULL", "drop")
AUDIT_SPOOL_LIMIT = int(env.number("AUDIT_SPOOL_LIMIT_BYTES", default=4 * 1024**3))
# Where days go before they are dropped: a folder, a URL, or "off".
AUDIT_ARCHIVE = env.text("AUDIT_ARCHIVE", "")
AUDIT_TRACES_PER_SECOND = env.number("AUDIT_TRACES_PER_SECOND", default=50)
# Hours after which a bandit's decision without a reward counts as 0; 0: never.
BANDIT_REWARD_WINDOW_HOURS = env.number("BANDIT_REWARD_WINDOW_HOURS", default=24)
# Watching change numbers needs a connection that no pooler lends to others.
DATABASE_DIRECT_URL = env.text("DATABASE_DIRECT_URL", "")

# Explanations: a template, or any OpenAI-compatible model

EXPLAIN_MODEL_URL = env.text("EXPLAIN_MODEL_URL", "")
EXPLAIN_MODEL = env.text("EXPLAIN_MODEL", "")
EXPLAIN_MODEL_KEY = env.text("EXPLAIN_MODEL_KEY", "")
EXPLAIN_TIMEOUT_SECONDS = env.number("EXPLAIN_TIMEOUT_SECONDS", default=6)

# Theme, security headers, logs

CONTENT_SECURITY_POLICY = content_security.CONTENT_SECURITY_POLICY
UNFOLD = navigation.UNFOLD
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("RECSYS_HTTPS", default=False)
SECURE_SSL_REDIRECT = False  # The proxy's work; it also talks plain HTTP to us.
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SESSION_COOKIE_SECURE
PROMETHEUS_EXPORT_MIGRATIONS = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "recsys_site.logs.json_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
