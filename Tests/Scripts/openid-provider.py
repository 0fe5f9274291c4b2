# SPDX-License-Identifier: Apache-2.0
"""An OpenID provider for tests: django-oauth-toolkit on 127.0.0.1, with a database in memory.

    openid-provider.py PORT

One citizen (name `citizen`, password `secret`) and one public client (`urna-wallet`) that must use PKCE.
Prints "ready" when it answers.
"""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import (
    ServerHandler,
    WSGIRequestHandler,
    WSGIServer,
    make_server,
)

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
import django
from django.conf import settings

PORT = int(sys.argv[1])
KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    .decode()
)
LOGIN = (
    '<form method="post">{% csrf_token %}{{ form }}'
    '<input type="hidden" name="next" value="{{ next }}"><input type="submit"></form>'
)

settings.configure(
    DEBUG=False,
    SECRET_KEY="for tests only",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "file:provider?mode=memory&cache=shared",
            "OPTIONS": {"uri": True},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN})
                ],
            },
        }
    ],
    LOGIN_URL="/login/",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{PORT}/o",
        "OIDC_RSA_PRIVATE_KEY": KEY,
        "OAUTH2_VALIDATOR_CLASS": "validator.Validator",
        "PKCE_REQUIRED": True,
        "SCOPES": {"openid": "identity"},
        "ID_TOKEN_EXPIRE_SECONDS": 600,
    },
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


class Validator(OAuth2Validator):
    """Adds the personal identifier, as a national provider would."""

    oidc_claim_scope = None

    def get_additional_claims(self, request):
        return {"personal_identifier": "PNOXX-0000000042", "acr": "high"}


sys.modules["validator"] = sys.modules[__name__]
urlpatterns = [
    path("login/", LoginView.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


class Handler(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *arguments):
        pass


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request."""

    daemon_threads = True


# The wallet's client takes no older protocol.
ServerHandler.http_version = "1.1"
call_command("migrate", verbosity=0)
get_user_model().objects.create_user("citizen", password="secret")
application_model = get_application_model()
application_model.objects.create(
    client_id="urna-wallet",
    client_type=application_model.CLIENT_PUBLIC,
    authorization_grant_type=application_model.GRANT_AUTHORIZATION_CODE,
    redirect_uris="http://127.0.0.1/callback",
    algorithm=application_model.RS256_ALGORITHM,
    skip_authorization=True,
)
with make_server(
    "127.0.0.1", PORT, get_wsgi_application(), server_class=Server, handler_class=Handler
) as server:
    print("ready", flush=True)
    server.serve_forever()
