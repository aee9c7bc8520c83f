"""Real identity providers on loopback: OpenID Connect by oidc-provider-mock, SAML by pysaml2. Each knows one person at a time."""

import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import httpx
from oidc_provider_mock import run_server_in_thread
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT = {"client_id": "seacliff", "secret": "a secret of the tests"}


@contextmanager
def oidc():
    """Yields its address and a function that says who somebody is there."""
    with run_server_in_thread() as server:
        address = f"http://localhost:{server.server_port}"

        def knows(sub: str, **claims) -> None:
            httpx.put(f"{address}/users/{sub}", json=claims).raise_for_status()

        yield address, knows


class SamlProvider:
    """Signs in whoever `who` is, at the press of a button."""

    def __init__(self, place: Path, sp_metadata: str) -> None:
        from saml2 import BINDING_HTTP_REDIRECT
        from saml2.config import IdPConfig
        from saml2.saml import NAME_FORMAT_URI
        from saml2.server import Server

        self.server = make_server("localhost", 0, self._answer, threaded=True)
        self.address = f"http://localhost:{self.server.server_port}"
        self.key, self.certificate = place / "idp.key", place / "idp.crt"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=idp",
             "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)  # fmt: skip
        self.entity_id = f"{self.address}/metadata"
        self.idp = Server(
            config=IdPConfig().load({
                "entityid": self.entity_id,
                "key_file": str(self.key),
                "cert_file": str(self.certificate),
                "xmlsec_binary": shutil.which("xmlsec1"),
                "metadata": {"inline": [sp_metadata]},
                "service": {"idp": {
                    "endpoints": {"single_sign_on_service": [(f"{self.address}/sso", BINDING_HTTP_REDIRECT)]},
                    "policy": {"default": {"name_form": NAME_FORMAT_URI, "lifetime": {"minutes": 15}}},
                }},
            })
        )  # fmt: skip
        self.who: dict[str, object] = {}
        self.signs = True
        self.sent: list[str] = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def settings(self) -> dict:
        lines = self.certificate.read_text().splitlines()[1:-1]
        return {"entity_id": self.entity_id, "sso_url": f"{self.address}/sso", "x509cert": "".join(lines)}

    def response_to(self, request_id: str | None, destination: str, sp: str) -> str:
        from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
        from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
        from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

        who = self.who
        return str(
            self.idp.create_authn_response(
                {"mail": who["mail"], "displayName": who["name"], "isMemberOf": who["groups"]},
                request_id,
                destination,
                sp_entity_id=sp,
                name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=str(who["mail"])),
                authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": self.address},
                sign_assertion=self.signs,
                sign_response=False,
                sign_alg=SIG_RSA_SHA256,
                digest_alg=DIGEST_SHA256,
            )
        )

    def _answer(self, environ, start_response):
        from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT

        request = Request(environ)
        if request.path != "/sso":
            return Response(status=404)(environ, start_response)
        asked = self.idp.parse_authn_request(request.args["SAMLRequest"], BINDING_HTTP_REDIRECT)
        to = asked.message.assertion_consumer_service_url
        answer = self.response_to(asked.message.id, to, asked.message.issuer.text)
        form = self.idp.apply_binding(BINDING_HTTP_POST, answer, to, request.args.get("RelayState", ""), response=True)
        self.sent.append(answer)
        page = str(form["data"]).replace("onload=", "data-was=").replace("<noscript>", "").replace("</noscript>", "")
        return Response(page, mimetype="text/html")(environ, start_response)

    def stop(self) -> None:
        self.server.shutdown()
