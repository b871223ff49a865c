"""Headers that browsers obey stand on every answer, and none lets in what is elsewhere."""

import pytest

from ui.security_headers import SecurityHeaders


def headers_of(scheme="http", own=()):
    sent = []

    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": list(own)})

    async def keep(message):
        sent.append(message)

    # By hand: nothing here waits, and a browser test of the same process may have a loop running.
    with pytest.raises(StopIteration):
        SecurityHeaders(page)({"type": "http", "scheme": scheme}, None, keep).send(None)
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_every_answer_has_headers_and_nothing_can_come_from_elsewhere_or_go_there():
    headers = headers_of()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["frame-ancestors"] == policy["frame-src"] == policy["object-src"] == "'none'"
    assert policy["connect-src"] == policy["default-src"] == "'self'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())


def test_only_who_came_by_https_is_told_to_come_by_it_again():
    assert "strict-transport-security" not in headers_of("http")
    assert headers_of("https")["strict-transport-security"].startswith("max-age=31536000")


def test_an_answer_may_be_stricter():
    headers = headers_of(own=[(b"content-security-policy", b"default-src 'none'")])
    assert headers["content-security-policy"] == "default-src 'none'"
