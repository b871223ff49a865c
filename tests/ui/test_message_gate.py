"""What a tab may say, message by message."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from ui.message_gate import MessageGate

STREAM = "/_stcore/stream"


def passed(raw, path=STREAM):
    """Does the message get to the app? After it the tab is gone."""
    waiting = [{"type": "websocket.receive", "bytes": raw}, {"type": "websocket.disconnect"}]
    heard = []

    async def app(scope, receive, send):
        heard.append(await receive())

    async def receive():
        return waiting.pop(0)

    gate = MessageGate(app)
    with ThreadPoolExecutor(1) as thread:
        work = gate({"type": "websocket", "path": path}, receive, None)
        thread.submit(lambda: asyncio.run(work)).result()
    return heard[0]["type"] == "websocket.receive"


def command(**said):
    return BackMsg(**said).SerializeToString()


WISHES = BackMsg().backend_operation_request.DESCRIPTOR.oneofs_by_name["payload"]
KINDS = [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields]


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_our_pages_say_gets_through(kind):
    message = BackMsg()
    if message.DESCRIPTOR.fields_by_name[kind].message_type is None:
        setattr(message, kind, True)
    else:
        getattr(message, kind).SetInParent()
    allowed = {"rerun_script", "stop_script", "file_urls_request", "app_heartbeat"}
    assert passed(message.SerializeToString()) == (kind in allowed)


@pytest.mark.parametrize("wish", [field.name for field in WISHES.fields])
def test_of_the_operations_only_downloads_and_rows_get_through(wish):
    asked = command(backend_operation_request={wish: {}})
    assert passed(asked) == (wish in {"deferred_file", "dataframe_chunk"})


@pytest.mark.parametrize("raw", [None, b"", b"\xff\xff\xff", b"{}"])
def test_what_is_no_message_gets_nowhere(raw):
    assert not passed(raw)


def test_other_sockets_say_what_they_like():
    assert passed(command(clear_cache=True), path="/live/x")
    assert passed(command(clear_cache=True), path="/lab/x")
    assert not passed(command(clear_cache=True), path=f"/lab{STREAM}")
