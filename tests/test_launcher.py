"""What the launcher lays around every page: logs without anybody's data, and the gate before Streamlit."""

import logging
import sys

import pytest
import uvicorn.config

import app as launcher
from ui.login_gate import LoginGate
from ui.message_gate import MessageGate
from ui.peer import PEER
from ui.security_headers import SecurityHeaders
from ui.upload_gate import UploadGate

HELD = "kim@example.com"


@pytest.fixture
def plain_logs():
    make = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(make)


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


def test_headers_stand_outside_the_gate_and_the_gate_before_uploads_are_taken():
    assert [layer.cls for layer in launcher.app._user_middleware][:4] == [
        SecurityHeaders,
        LoginGate,
        MessageGate,
        UploadGate,
    ]


def test_the_server_notes_who_holds_the_other_end_before_a_proxys_claim_takes_its_place():
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope)

    layer = uvicorn.config.ProxyHeadersMiddleware(app, trusted_hosts="127.0.0.1")
    headers = [(b"x-forwarded-for", b"10.0.0.9"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": ("127.0.0.1", 5000), "headers": headers, "scheme": "http"}
    with pytest.raises(StopIteration):
        layer(scope, None, None).send(None)
    assert (seen[PEER], seen["client"][0], seen["scheme"]) == ("127.0.0.1", "10.0.0.9", "https")
