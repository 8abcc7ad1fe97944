"""What each environment variable means. A test holds this list to the code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable(
        "DATABASE_URL",
        "",
        "A PostgreSQL 16+ with pgvector 0.8+, as the role `recsys_app`. "
        "Setting it switches the embedded server off.",
    ),
    Variable(
        "DATABASE_OWNER_URL",
        "",
        "The same database as the role that owns the tables: migrations, partitions "
        "and indexes. `DATABASE_URL` when not set.",
    ),
    Variable(
        "DATABASE_READ_URL",
        "",
        "The same database as a role that only reads, for reports. "
        "`DATABASE_URL` when not set.",
    ),
    Variable(
        "DATABASE_DIRECT_URL",
        "",
        "The database without a pooler in between, for the connection that watches "
        "the change numbers. `DATABASE_URL` when not set.",
    ),
    Variable(
        "REDIS_URL",
        "",
        "Redis 7+ or Valkey for cache and broker. "
        "Setting it switches the embedded server off.",
    ),
    Variable(
        "HOST",
        "",
        "The address to listen on. Setting it opens the platform to other machines "
        "and turns authentication on.",
    ),
    Variable("PORT", "8000", "The port of the desk: admin, docs and the whole API."),
    Variable("SERVE_PORT", "8001", "The port of the processes for the hot routes."),
    Variable(
        "RECSYS_AUTH",
        "off, on when HOST is set",
        "Whether the API asks for a key. With `off` every call is made as the demo "
        "key, which may do everything.",
    ),
    Variable(
        "SECRET_KEY", "", "Signs sessions. Made once per installation if not set."
    ),
    Variable(
        "RECSYS_AUDIT_KEY",
        "",
        "Hashes user ids in traces. Made once per installation if not set; several "
        "hosts must share one.",
    ),
    Variable("ALLOWED_HOSTS", "", "Host names that are answered, separated by spaces."),
    Variable(
        "CSRF_TRUSTED_ORIGINS", "", "Origins of the admin behind a proxy, by spaces."
    ),
    Variable("RECSYS_HTTPS", "off", "Whether a proxy in front speaks HTTPS."),
    Variable("DEBUG", "off", "Django's debug pages. Never in production."),
    Variable("LOG_LEVEL", "INFO", "The least important level that is logged."),
    Variable(
        "RECSYS_STATE_DIR",
        "/var/lib/recsys/… as root, .local otherwise",
        "Where embedded servers, secrets, logs and files live.",
    ),
    Variable(
        "RECSYS_FILES_ROOT",
        "files in the state directory",
        "Snapshots, column files and the spool of decisions.",
    ),
    Variable(
        "RECSYS_GUARDRAILS_FILE",
        "guardrails.yml beside manage.py",
        "The limits that no change may cross.",
    ),
    Variable(
        "RECSYS_FIXTURES",
        "fixtures",
        "Where fixture templates lie, and under `customers/<name>/scenarios` the "
        "scenarios that customers have of their own.",
    ),
    Variable(
        "RECSYS_REPORTS",
        "reports beside the files",
        "Where simulations leave their bundles.",
    ),
    Variable(
        "RECSYS_FIRST_BUILD_WAIT",
        "10",
        "Seconds that a request to the desk waits for the first signal build of a "
        "namespace that has events, before it answers degraded (`no_build`). `serve`, "
        "whose processes have one thread each, answers at once.",
    ),
    Variable(
        "RECSYS_REQUEST_DEADLINE_MS",
        "80",
        "Milliseconds after which a ranking request goes on without what is missing.",
    ),
    Variable(
        "BANDIT_REWARD_WINDOW_HOURS",
        "24",
        "After how many hours a bandit's decision that earned nothing counts as one "
        "of reward 0. A later reward still counts. 0: never, only rewards that were "
        "told count.",
    ),
    Variable("RECSYS_MAX_BODY_BYTES", "8388608", "The largest body that is read."),
    Variable("RECSYS_MAX_ITEMS_A_BATCH", "1000", "Items in one call."),
    Variable("RECSYS_MAX_USERS_A_BATCH", "1000", "Users in one call."),
    Variable("RECSYS_MAX_EVENTS_A_BATCH", "5000", "Events in one call."),
    Variable("RECSYS_MAX_FEEDBACK_A_BATCH", "5000", "Feedback rows in one call."),
    Variable(
        "RECSYS_TASK_SOFT_LIMIT",
        "17400",
        "Seconds after which a task of a worker is told to end: a Run fails then and "
        "says so. Below `RECSYS_TASK_HARD_LIMIT`. The same on every machine.",
    ),
    Variable(
        "RECSYS_TASK_HARD_LIMIT",
        "18000",
        "Seconds after which the process of a task that did not end is killed. The "
        "broker gives a message to another worker an hour later.",
    ),
    Variable(
        "RECSYS_WEBHOOK_NETWORKS",
        "",
        "Networks that webhooks may call although they are not public, such as "
        "`10.1.0.0/16, 192.168.7.9/32`. Others are refused.",
    ),
    Variable("GIT_COMMIT", "", "What `/version` says was built."),
    Variable(
        "AUDIT_SYNC",
        "process",
        "`process`: a decision survives kill -9 of every process. `host`: also of "
        "the machine, for a few milliseconds an answer, in which `serve` answers "
        "others: it has four threads a process then.",
    ),
    Variable(
        "AUDIT_ARCHIVE",
        "audit-archive in the files root",
        "Where decisions go as Parquet before their days are dropped: a folder, or a "
        "URL such as `s3://bucket/decisions`. `off` drops them without.",
    ),
    Variable(
        "AUDIT_TRACES_PER_SECOND",
        "50",
        "So many decisions a second of a namespace keep their trace, and a tenth of "
        "those beyond, where the namespace says nothing else; 0 for all of them.",
    ),
    Variable(
        "AUDIT_WHEN_FULL",
        "drop",
        "When a decision cannot be kept because the disk or the spool is full: `drop` "
        "answers, counts and says so in /health; `refuse` answers 503.",
    ),
    Variable(
        "AUDIT_SPOOL_LIMIT_BYTES",
        "4294967296",
        "How much may wait for the database on a host.",
    ),
    Variable(
        "EXPLAIN_MODEL_URL",
        "",
        "Where an OpenAI-compatible model answers, such as "
        "`https://api.openai.com/v1`. Without it explanations are written from a "
        "template, and nothing leaves.",
    ),
    Variable("EXPLAIN_MODEL", "", "Name of the model that writes explanations."),
    Variable("EXPLAIN_MODEL_KEY", "", "Sent to that model as a Bearer token."),
    Variable(
        "EXPLAIN_TIMEOUT_SECONDS",
        "6",
        "After so many seconds without an answer of the model the template is used.",
    ),
    Variable(
        "PROMETHEUS_MULTIPROC_DIR",
        "",
        "A directory of the host, emptied at each start, where all processes leave "
        "their counts, so that `/metrics` of the desk tells of all of them. `make run` "
        "sets it.",
    ),
    Variable(
        "CHROMIUM",
        "",
        "The browser that the browser tests drive, if not the usual one.",
    ),
    Variable(
        "RECSYS_PROCESS",
        "desk",
        "Which routes a web process answers. Set by the platform itself.",
    ),
)
