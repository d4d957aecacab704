"""Who may ask, and what is sent with every answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stages.review.guard import HEADERS, Guard, cookie_name, host_name
from tests.review.app import App

PLACES = [
    "/index.html",
    "/review.html",
    "/assets/winnow.js",
    "/assets/review.js",
    "/api/decisions",
    "/api/items",
    "/no",
]


@pytest.mark.parametrize("path", PLACES)
def test_nothing_is_given_without_the_key(app: App, path: str) -> None:
    for cookie in (None, f"{cookie_name(app.host)}=wrong", "winnow-review-1=" + app.guard.token):
        answer = app.ask(path, Cookie=cookie)
        assert answer.status == 403
        assert app.guard.token.encode() not in answer.body


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1.evil.example:{port}"},
        {"Host": ""},
        {"Host": None},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_nothing_is_given_to_other_sites(app: App, path: str, headers: dict) -> None:
    """Even with the key: a name that was made to lead here, another origin, another local server's page."""
    sent = {name: value and value.format(port=app.port) for name, value in headers.items()}
    assert app.ask(path, **sent).status in (400, 403)


def test_the_printed_address_hands_over_the_key_and_forgets_it(app: App) -> None:
    answer = app.ask(f"/?token={app.guard.token}", Cookie=None, Sec_Fetch_Site="cross-site")
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{cookie_name(app.host)}={app.guard.token};")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert b"index.html" in answer.body
    assert app.guard.token.encode() not in answer.body
    assert app.ask("/?token=wrong", Cookie=None).status == 403
    assert app.ask("/", Cookie=None).status == 403


def test_the_way_through_a_tunnel_is_open(app: App) -> None:
    """There the page's port is another one than the app's."""
    headers = {"Host": "localhost:9999", "Cookie": f"winnow-review-9999={app.guard.token}"}
    assert app.ask("/index.html", **headers).status == 200
    assert app.ask("/index.html", **headers, Origin="http://localhost:9999").status == 200
    assert app.ask("/index.html", **headers, Origin=f"http://localhost:{app.port}").status == 403


@pytest.mark.parametrize("path", [*PLACES, "/assets/sheets/none.jpg"])
def test_every_answer_tells_the_browser_to_be_careful(app: App, path: str) -> None:
    for cookie in (None, app.headers()["Cookie"]):
        headers = app.ask(path, Cookie=cookie).headers
        for name in set(HEADERS) - {"Cache-Control"}:
            assert headers[name] == HEADERS[name]
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers
    assert "script-src 'self'" in HEADERS["Content-Security-Policy"]


def test_decisions_are_taken_from_the_apps_own_pages_only(app: App) -> None:
    row = {"path": "a.jpg", "decision": "drop"}
    assert app.decide(row, Origin=None).status == 403
    assert app.decide(row, Origin="http://evil.example").status == 403
    assert app.decide(row, Content_Type="text/plain").status == 400
    assert app.get("/api/decisions")["rows"] == []
    assert app.decide(row).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../params.yaml",
        "/assets/../../params.yaml",
        "/assets/..%2f..%2fparams.yaml",
        "/assets/%2e%2e/%2e%2e/data/decisions.csv",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/",
        "/assets/data",
        "/assets/data/",
        "/assets/data%00.js",
        "/..%2fparams.yaml",
        "/metrics.json",
        "/api/original/../../params.yaml",
        "/api/original/" + "0" * 31 + "/",
        "/api/original/photos%2fmy%20cats%2ftrain%2fcat%2f01.jpg",
    ],
)
def test_no_path_leads_out_and_no_folder_is_listed(app: App, path: str) -> None:
    answer = app.ask(path)
    assert answer.status in (400, 403, 404)
    assert b"source" not in answer.body
    assert b"root:" not in answer.body


def test_a_link_out_of_the_report_is_not_followed(app: App, root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.js"
    secret.write_text("secret")
    link = root / "reports/assets/link.js"
    link.symlink_to(secret)
    try:
        assert app.ask("/assets/link.js").status == 403
    finally:
        link.unlink()


def test_an_address_of_all_names_takes_numbers_and_no_foreign_names() -> None:
    guard = Guard("0.0.0.0")
    assert not guard.is_local
    allowed = ["192.168.1.7:80", "localhost:80", "[fe80::1]:80"]
    assert [guard.refusal("GET", {"Host": host}) for host in allowed] == [None] * 3
    assert guard.refusal("GET", {"Host": "evil.example:80"})
    assert Guard("10.0.0.1").refusal("GET", {"Host": "localhost"})
    assert Guard("10.0.0.1").refusal("GET", {"Host": "10.0.0.1:99"}) is None


def test_a_hosts_name_is_found() -> None:
    names = {"[::1]:80": "::1", "LocalHost:80": "localhost", "127.0.0.1": "127.0.0.1", "": ""}
    assert {host: host_name(host) for host in names} == names


def test_the_key_is_in_no_repr_and_new_each_time() -> None:
    guard = Guard()
    assert guard.token not in repr(guard)
    assert guard.token != Guard().token
    assert len(guard.token) >= 32
    assert not guard.knows(None)
    assert json.dumps(HEADERS)
