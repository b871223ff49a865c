"""A local OpenID provider that says what a test wants it to say: the truth, or one thing that is wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "journey-lab", "only-for-tests"
FAULTS = ("audience", "expired", "nonce", "issuer", "signature", "denied")


@dataclass
class Provider:
    """Who signs in next (`person` are claims), and what is wrong with the answer: one of FAULTS, or ""."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    seen: list[str] = field(default_factory=list)
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    _other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def says(self, email: str, fault: str = "", **claims: Any) -> None:
        """From now on this person signs in."""
        self.person = {
            "sub": email,
            "email": email,
            "email_verified": True,
            "name": email.split("@")[0],
        } | claims
        self.fault = fault

    def discovery(self) -> dict[str, Any]:
        at = self.address
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks",
            "userinfo_endpoint": f"{at}/userinfo",
            "end_session_endpoint": f"{at}/end_session",
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes with a code: nobody is asked anything here."""
        if self.fault == "denied":
            back = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(8)
            self._asked[code] = asked
            back = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self._asked.pop(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        assert challenge.decode().rstrip("=") == asked["code_challenge"]
        now = int(time.time())
        claims = {
            "iss": "http://somebody.else" if self.fault == "issuer" else self.address,
            "aud": "another-app" if self.fault == "audience" else CLIENT,
            "nonce": "made up" if self.fault == "nonce" else asked["nonce"],
            "iat": now - 7200 if self.fault == "expired" else now,
            "exp": now - 3600 if self.fault == "expired" else now + 600,
            **self.person,
        }
        key = self._other if self.fault == "signature" else self._key
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": signed}

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}


@contextmanager
def provide() -> Iterator[Provider]:
    """A provider that answers on this machine."""
    provider = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(place.query).items()}
            provider.seen.append(place.path)
            if place.path == "/.well-known/openid-configuration":
                self._say(provider.discovery())
            elif place.path == "/jwks":
                self._say(provider.jwks())
            elif place.path == "/userinfo":
                self._say(provider.person)
            elif place.path == "/authorize":
                self._lead(provider.authorize(asked))
            elif place.path == "/end_session":
                self._lead(asked["post_logout_redirect_uri"])
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._say(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, values: dict[str, Any]) -> None:
            body = json.dumps(values).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _lead(self, url: str) -> None:
            self.send_response(302)
            self.send_header("location", url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: a test reads `seen`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        provider.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
