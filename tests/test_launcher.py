"""What the launcher lays around every page: headers that browsers obey, and logs without anybody's data."""

import logging
import sys

import pytest

import app as launcher

HELD = "kim@example.com"


@pytest.fixture
def plain_logs():
    make = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(make)


def test_every_answer_has_headers_and_no_picture_can_come_from_elsewhere():
    sent = []

    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"server", b"x")]})

    async def keep(message):
        sent.append(message)

    # By hand: nothing here waits, and a browser test of the same process may have a loop running.
    with pytest.raises(StopIteration):
        launcher.SecurityHeaders(page)({"type": "http"}, None, keep).send(None)
    headers = dict(sent[0]["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
    policy = dict(part.strip().split(b" ", 1) for part in headers[b"content-security-policy"].split(b";"))
    assert policy[b"frame-ancestors"] == b"'self'"
    assert not any(b"http" in sources or b"*" in sources for sources in policy.values())
    assert {b"img-src", b"media-src", b"font-src", b"frame-src", b"form-action"} <= policy.keys()


def test_a_logged_exception_is_its_kind_and_place_never_its_message(plain_logs, caplog):
    launcher.keep_data_out_of_logs()
    try:
        try:
            int(HELD)
        except ValueError as error:
            raise KeyError(HELD) from error
    except KeyError:
        logging.getLogger("streamlit.anything").error("could not %s", "draw", exc_info=sys.exc_info())
    assert "could not draw: KeyError" in caplog.text
    assert "test_launcher.py" in caplog.text
    assert HELD not in caplog.text
