"""Every setting of Seacliff. Each is read from the environment (docs/operate/settings.md lists them).

A variable NAME may also be given as NAME_FILE, the path of a file that holds the value: how containers pass secrets.
"""

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environ.fileaware_mapping import FileAwareMapping
from psycopg.conninfo import conninfo_to_dict

from seacliff.logs import logging_config

env = environ.FileAwareEnv()
# A variable that is set to nothing counts as not set: compose files and unit files pass on empty ones.
env.ENVIRON = FileAwareMapping(env={name: value for name, value in os.environ.items() if value})

BASE_DIR = Path(__file__).resolve().parent
DATA_DIR = Path(env("SEACLIFF_DATA_DIR", default="data")).resolve()

DEBUG = env.bool("SEACLIFF_DEBUG", default=False)
TESTING = "PYTEST_VERSION" in os.environ
BASE_URL = env("SEACLIFF_BASE_URL", default="http://localhost:8000").rstrip("/")
COMPANY_NAME = env("SEACLIFF_COMPANY_NAME", default="Seacliff")


def _secret_key() -> str:
    key = env("SEACLIFF_SECRET_KEY", default="")
    stored = DATA_DIR / "secret-key"
    if not key and stored.is_file():
        key = stored.read_text().strip()
    return key or ("test-only-secret-key" if TESTING or DEBUG else "")


# Empty only for commands that need no secret; Django refuses to sign anything without one.
SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list(
    "SEACLIFF_SECRET_KEY_FALLBACKS", default=[]
)  # keys of before: still believed, never used

ALLOWED_HOSTS = env.list("SEACLIFF_ALLOWED_HOSTS", default=["*"])
CSRF_TRUSTED_ORIGINS = env.list("SEACLIFF_TRUSTED_ORIGINS", default=[BASE_URL])
BEHIND_PROXY = env.bool("SEACLIFF_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "seacliff.screens",  # before allauth, whose page layouts it replaces
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "anymail",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "seacliff.record",
    "seacliff.people",
    "seacliff.policy",
    "seacliff.targets",
    "seacliff.wellness",
    "seacliff.relationships",
    "seacliff.intake",
    "seacliff.enforcement",
    "seacliff.partners",
    "seacliff.review",
    "seacliff.appeals",
    "seacliff.restricted",
    "seacliff.quality",
    "seacliff.connectors",
    "seacliff.playbooks",
    "seacliff.privacy",
    "seacliff.value",
    "seacliff.start",
    "seacliff.operate",
]

MIDDLEWARE = [
    "seacliff.operate.views.Probes",  # whoever asks whether it lives knows its address, not its name
    "seacliff.logs.RequestLog",
    "seacliff.operate.metrics.Measured",
    "seacliff.people.problems.ApiProblems",
    "seacliff.intake.doors.QuickDoor",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "seacliff.people.sessions.Ends",
    "seacliff.people.sign_in.Preferences",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "seacliff.urls"
FORM_RENDERER = "seacliff.screens.forms.FormRenderer"
WSGI_APPLICATION = "seacliff.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "seacliff.navigation.navigation",
            ],
        },
    },
]


# DATABASE_URL is any libpq address. `seacliff up` sets it to its embedded PostgreSQL when it is absent.
_database = conninfo_to_dict(env("DATABASE_URL", default="postgresql:///seacliff"))
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname", "seacliff"),
        "USER": _database.pop("user", ""),
        "PASSWORD": _database.pop("password", ""),
        "HOST": _database.pop("host", ""),
        "PORT": _database.pop("port", ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "application_name": "seacliff",
            **_database,
            # an idle connection holds 8 MB of the server's memory: the pool shrinks to what is in use within minutes
            "pool": not TESTING
            and {
                "min_size": 1,
                "max_size": env.int("SEACLIFF_DB_POOL", default=24),
                "timeout": 10,
                "max_idle": 5,
            },
        },
    }
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher" if TESTING else "django.contrib.auth.hashers.ScryptPasswordHasher"
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "seacliff.people.sign_in.InvitedOnly"
SOCIALACCOUNT_ADAPTER = "seacliff.people.sign_in.ByProvider"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # staff come by invitation, which proves the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_ADAPTER = "seacliff.people.sign_in.SecondFactor"
MFA_DEMANDED = env("SEACLIFF_MFA", default="optional")  # "optional", "admins" or "everyone"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# [{"provider_id": "acme", "name": "Acme", "client_id": "...", "secret": "...", "settings": {"server_url": "https://..."}}]
OIDC_APPS = env.json("SEACLIFF_OIDC", default=[])
# [{"client_id": "acme", "name": "Acme", "settings": {"idp": {"entity_id": "...", "metadata_url": "https://..."}}}]
SAML_APPS = env.json("SEACLIFF_SAML", default=[])
_SAML_STRICT = {"strict": True, "want_assertion_signed": True, "reject_idp_initiated_sso": True,
                "reject_deprecated_algorithm": True, "allow_single_label_domains": DEBUG or TESTING}  # fmt: skip


def _strict_saml(app: dict) -> None:
    """`advanced` may ask for more, never for less."""
    advanced = app["settings"].setdefault("advanced", {})
    if weaker := sorted(name for name, value in _SAML_STRICT.items() if advanced.get(name, value) != value):
        raise ImproperlyConfigured(
            f"SEACLIFF_SAML: {', '.join(weaker)} of {app['client_id']} can't be set to anything weaker. Take it out of "
            '"advanced"; if your identity provider needs it, mend the identity provider.'
        )
    advanced.update(_SAML_STRICT)


for _app in SAML_APPS:
    _app.setdefault("provider_id", _app["client_id"])
    _strict_saml(_app)
HAS_SAML = find_spec("onelogin") is not None
if SAML_APPS and not HAS_SAML:
    raise ImproperlyConfigured(
        "SEACLIFF_SAML needs the package python3-saml. Install seacliff[saml], then start again."
    )
if HAS_SAML and (SAML_APPS or TESTING):
    INSTALLED_APPS.append("allauth.socialaccount.providers.saml")
SIGN_ON_GROUPS = env.json("SEACLIFF_SIGN_ON_GROUPS", default={})  # {"group": {"roles": ["reviewer"], "tier": 2}}
SIGN_ON_JOIN = env.bool("SEACLIFF_SIGN_ON_JOIN", default=False)  # who is in a mapped group comes without an invitation
SIGN_ON_ONLY = env.bool("SEACLIFF_SIGN_ON_ONLY", default=False)  # passwords and passkeys are switched off
BREAK_GLASS = [address.lower() for address in env.list("SEACLIFF_BREAK_GLASS", default=[])]  # who keeps a password then
MFA_PASSKEY_LOGIN_ENABLED = not SIGN_ON_ONLY


def _origin(address: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(address))


OIDC_ORIGINS = [_origin(app["settings"]["server_url"]) for app in OIDC_APPS]
OIDC_ORIGINS += [
    _origin(_idp[_name]) for _app in SAML_APPS for _idp in [_app["settings"]["idp"]]
    for _name in ("sso_url", "metadata_url") if _idp.get(_name)
]  # fmt: skip
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": OIDC_APPS, "OAUTH_PKCE_ENABLED": True},
    "saml": {"APPS": SAML_APPS},
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 12
IDLE_MINUTES = env.int("SEACLIFF_IDLE_MINUTES", default=120)  # without a page asked for, one is signed out
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "seacliff_session"
CSRF_COOKIE_NAME = "seacliff_csrf"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "media-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    # The browser follows a sign-in form to the identity provider only if its address is named here.
    "form-action": [CSP.SELF, *OIDC_ORIGINS],
    "frame-ancestors": [CSP.NONE],
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("SEACLIFF_STATIC_DIR", default=str(DATA_DIR / "static")))
STORAGES = {
    # Evidence. Any Django storage may take its place (an object store, say); names are content hashes.
    "default": {
        "BACKEND": env("SEACLIFF_EVIDENCE_STORAGE", default="django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json(
            "SEACLIFF_EVIDENCE_STORAGE_OPTIONS",
            default={
                "location": tempfile.mkdtemp(prefix="seacliff-evidence-") if TESTING else str(DATA_DIR / "evidence"),
                "file_permissions_mode": 0o600,
            },
        ),
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
EVIDENCE_MAX_BYTES = env.int("SEACLIFF_EVIDENCE_MAX_BYTES", default=25 * 1024 * 1024)

# smtp://user:password@host:587, smtp+tls://, smtp+ssl://, consolemail://, filemail:///folder. Without one, mails are written
# into files under the data directory, where a new installation can read them.
_mail = env.email_url("SEACLIFF_EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}")
_MAIL_OPTIONS = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
}
_smtp = {"timeout": 20, **{option: _mail[key] for key, option in _MAIL_OPTIONS.items() if _mail.get(key)}}
_by_backend = {
    "django.core.mail.backends.smtp.EmailBackend": _smtp,
    "django.core.mail.backends.filebased.EmailBackend": {"file_path": str(_mail.get("EMAIL_FILE_PATH", ""))},
}
# SEACLIFF_MAIL_BACKEND names another backend, such as one of django-anymail's, with its options as JSON.
_backend = env("SEACLIFF_MAIL_BACKEND", default=_mail["EMAIL_BACKEND"])
MAILERS = {
    "default": {
        "BACKEND": _backend,
        "OPTIONS": env.json("SEACLIFF_MAIL_OPTIONS", default=_by_backend.get(_backend, {})),
    }
}
DEFAULT_FROM_EMAIL = env("SEACLIFF_MAIL_FROM", default="Trust & Safety <trust-and-safety@localhost>")

MAIL_LISTEN = env("SEACLIFF_MAIL_LISTEN", default="")  # "lmtp://127.0.0.1:8024", "smtp://0.0.0.0:2525"; empty: none
METRICS_TOKEN = env("SEACLIFF_METRICS_TOKEN", default="")  # empty: /metrics answers this machine alone
# The address that replies to mails about asks go to: asks@example.org takes asks+<tag>@example.org. Empty: no replies.
REPLY_ADDRESS = env("SEACLIFF_REPLY_ADDRESS", default="")
# [{"name": "github", "kind": "github", "url": "https://api.github.com", "token": "...", "secret": "..."}]
TRACKERS = env.json("SEACLIFF_TRACKERS", default=[])
SLACK_TOKEN = env("SEACLIFF_SLACK_TOKEN", default="")  # a bot's, xoxb-...; empty: no Slack
SLACK_SIGNING_SECRET = env("SEACLIFF_SLACK_SIGNING_SECRET", default="")
SLACK_URL = env("SEACLIFF_SLACK_URL", default="https://slack.com/api")
TEAMS = env.json("SEACLIFF_TEAMS", default=[])  # [{"name": "teams", "url": "https://...", "secret": "..."}]
IMAP_URL = env("SEACLIFF_IMAP_URL", default="")  # "imaps://user:password@host/INBOX"; empty: no polling

# Addresses that outgoing webhooks may reach although they are private (the sample's receiver; an internal product API).
WEBHOOK_ALLOWED_PRIVATE = env.list("SEACLIFF_WEBHOOK_ALLOWED_PRIVATE", default=[])
# The hotline that child sexual abuse material is reported to, by the CyberTipline's API. Nothing is sent without an address;
# the live one only with SEACLIFF_HOTLINE_LIVE, and after two people agreed.
HOTLINE_URL = env("SEACLIFF_HOTLINE_URL", default="")
HOTLINE_USER = env("SEACLIFF_HOTLINE_USER", default="")
HOTLINE_PASSWORD = env("SEACLIFF_HOTLINE_PASSWORD", default="")
HOTLINE_LIVE = env.bool("SEACLIFF_HOTLINE_LIVE", default=False)
HOTLINE_SCHEMA = env("SEACLIFF_HOTLINE_SCHEMA", default="")  # the hotline's XSD file, against which reports are checked
HOTLINE_CONTACT_NAME = env("SEACLIFF_HOTLINE_CONTACT_NAME", default="Trust and Safety")
HOTLINE_CONTACT_EMAIL = env("SEACLIFF_HOTLINE_CONTACT_EMAIL", default="")
UNDO_SECONDS = env.int("SEACLIFF_UNDO_SECONDS", default=30)
APPEAL_DAYS = env.int("SEACLIFF_APPEAL_DAYS", default=183)  # how long a decision can be appealed
APPEAL_HOURS = env.int("SEACLIFF_APPEAL_HOURS", default=168)  # within which an appeal is to be decided
LEASE_MINUTES = env.int("SEACLIFF_LEASE_MINUTES", default=15)
# Where the company keeps its accounts, for the value case: empty for our own tables, a folder of files, or a warehouse.
VALUE_SOURCE = env("SEACLIFF_VALUE_SOURCE", default="")

PROCRASTINATE_ON_APP_READY = None
PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = True
NINJA_PAGINATION_PER_PAGE = 50

LOGGING_CONFIG = None
logging_config(json=env.bool("SEACLIFF_LOG_JSON", default=not DEBUG), level=env("SEACLIFF_LOG_LEVEL", default="INFO"))
