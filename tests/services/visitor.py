"""Somebody at a browser behind the proxy that ends TLS: signs in, reads pages, sends forms."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.codes import KEY, shown

HIDDEN_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back, without following a redirect."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Visitor:
    """Asks the server at `port` as the proxy of https://`host` would, and keeps cookies as a browser does."""

    port: int
    host: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, "", headers)

    def post(self, path: str, **typed: str) -> Answer:
        """Open the page with the form, type into it and send it."""
        (token, *_more) = HIDDEN_TOKEN.findall(self.get(path).text)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{self.host}"}
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": token, **typed}), form)

    def make_codes(self) -> Answer:
        """Set up one-time codes, as whoever signs has to right after the password; the page with the back-up codes."""
        page = "/admin/account/codes/begin/"
        (key,) = KEY.findall(self.post(page, begin="1").text)
        return self.post(page, code=shown(key, datetime.now(UTC)))

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        told = {"Host": self.host, "X-Forwarded-Proto": "https", "Cookie": self._jar(), **headers}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, told)
            reply = connection.getresponse()
            for cookie in reply.headers.get_all("Set-Cookie") or []:
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
            return Answer(reply.status, dict(reply.headers), reply.read().decode())
        finally:
            connection.close()

    def _jar(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())
