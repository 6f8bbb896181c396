"""TLS on the wire and in traces: certificates, handshakes that fail, what the log says."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings

import pytest

from fake_servers.log import EventLog, Kind
from fake_servers.test.scripted.scripted_client import GREETING, NOOP, Client, greeted, noop, play
from fake_servers.test.wire.test_wire import connection
from fake_servers.trace.timeline import FAULTS
from fake_servers.wire import certificates
from fake_servers.wire.carrier import Carrier
from fake_servers.wire.connection import Wire
from fake_servers.wire.errors import EndOfStream

HELLO = b"+OK hello\r\n"


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificates.ca_file()))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def handshake(
    wire: Wire,
    client: socket.socket,
    kind: str = certificates.GOOD,
    context: ssl.SSLContext | None = None,
    name: str = "127.0.0.1",
    asks: bool = False,
) -> tuple[bool, ssl.SSLSocket | None, str]:
    """What the server says, the client's socket if its handshake succeeded, its error if not."""
    made: list[ssl.SSLSocket] = []
    errors: list[str] = []

    def shake() -> None:
        try:
            made.append((context or client_context()).wrap_socket(client, server_hostname=name))
        except ssl.SSLError as error:
            errors.append(str(error))
            client.close()

    thread = threading.Thread(target=shake)
    thread.start()
    is_up = wire.start_tls(certificates.server_context(kind, asks), line=5)
    thread.join()
    if made:
        made[0].settimeout(2.0)
    return is_up, made[0] if made else None, "".join(errors)


def tls_events(log: EventLog) -> list[dict[str, object]]:
    return [dict(event.data) for event in log if event.kind is Kind.TLS]


@pytest.mark.parametrize("name", certificates.NAMES)
def test_a_good_certificate_is_good_for_every_loopback_name(name: str) -> None:
    with connection() as (wire, client, log):
        is_up, secure, _ = handshake(wire, client, name=name)
        assert is_up and secure is not None
        assert secure.version() == "TLSv1.3"
        assert tls_events(log) == [{"result": "up", "version": "TLSv1.3", "by": "server"}]
        secure.close()


@pytest.mark.parametrize(
    "fault, word",
    [
        ("wrong-name", "IP address mismatch"),
        ("expired", "expired"),
        ("not-yet-valid", "not yet valid"),
        ("self-signed", "self-signed"),
        ("unknown-ca", "unable to get local issuer"),
        ("tls1.1", "alert protocol version"),
    ],
)
def test_each_fault_is_the_one_that_a_client_sees(fault: str, word: str) -> None:
    """And nothing else is wrong; the server learns that the handshake failed."""
    with connection() as (wire, client, log):
        is_up, _, error = handshake(wire, client, fault)
        assert not is_up
        assert word in error
        (event,) = tls_events(log)
        assert (event["result"], event["by"]) == ("failed", "server")
        assert event["reason"]
        with pytest.raises(EndOfStream):
            wire.send(HELLO)
        assert wire.wait_eof()


def test_a_fault_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown certificate 'worse'"):
        certificates.server_context("worse")


def test_tls11_is_spoken_with_a_client_that_still_has_it() -> None:
    context = client_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with connection() as (wire, client, log):
        is_up, secure, _ = handshake(wire, client, "tls1.1", context)
        assert is_up and secure is not None
        assert tls_events(log)[0]["version"] == "TLSv1.1"
        secure.close()


def test_octets_go_through_and_the_log_has_them_in_clear() -> None:
    with connection("octets") as (wire, client, log):
        _, secure, _ = handshake(wire, client)
        assert secure is not None
        reads: list[bytes] = []

        def read(secure: ssl.SSLSocket) -> None:
            while sum(map(len, reads)) < len(HELLO):
                reads.append(secure.recv(100))

        reader = threading.Thread(target=read, args=(secure,))
        reader.start()
        wire.send(HELLO, line=7)
        reader.join()
        assert reads == [HELLO[i : i + 1] for i in range(len(HELLO))]
        secure.sendall(b"QUIT\r\n")
        assert wire.read_line() == b"QUIT\r\n"
        assert b"".join(e.octets for e in log if e.kind is Kind.TX) == HELLO
        assert [e.octets for e in log if e.kind is Kind.RX] == [b"QUIT\r\n"]
        secure.close()


def test_both_ends_are_told_by_close_notify() -> None:
    with connection() as (wire, client, log):
        _, secure, _ = handshake(wire, client)
        assert secure is not None
        wire.half_close()
        assert secure.recv(10) == b""
        secure.sendall(b"last")
        secure.unwrap().close()
        assert wire.wait_eof() is False
        assert wire.take(10) == b"last"
        assert wire.wait_eof()
        assert [e.data["by"] for e in log if e.kind is Kind.EOF] == ["server", "client"]


@pytest.mark.parametrize("way", ["close", "half_close"])
def test_the_server_s_end_is_logged_before_close_notify_leaves(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that closes at once must not seem to have closed first."""
    logged: list[list[object]] = []
    leave = Carrier.send_close_notify
    with connection() as (wire, client, log):
        _, secure, _ = handshake(wire, client)
        assert secure is not None

        def spy(carrier: Carrier) -> None:
            logged.append([e.data["by"] for e in log if e.kind is Kind.EOF])
            leave(carrier)

        monkeypatch.setattr(Carrier, "send_close_notify", spy)
        getattr(wire, way)()
        assert secure.recv(10) == b""
        assert logged == [["server"]]
        secure.close()


def test_a_client_that_goes_on_in_clear_is_heard() -> None:
    with connection() as (wire, client, log):
        client.sendall(b"USER mrose\r\n")
        assert not wire.start_tls(certificates.server_context())
        assert wire.read_line() == b"USER mrose\r\n"
        assert [e.kind for e in log] == [Kind.CONNECT, Kind.TLS, Kind.RX]


def test_what_came_in_clear_is_not_kept() -> None:
    with connection() as (wire, client, _):
        client.sendall(b"NOOP\r\n")
        assert wire.fill()
        is_up, secure, _ = handshake(wire, client)
        assert is_up and secure is not None
        assert wire.received == b""
        secure.close()


def test_octets_that_come_together_with_the_end_of_the_handshake_are_heard() -> None:
    """The last message of the handshake and the first command may share a segment."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    mine = client_context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with connection() as (wire, client, log):

        def shake() -> None:
            while True:
                try:
                    mine.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    client.sendall(outgoing.read())
                    incoming.write(client.recv(65536))
            mine.write(b"CAPA\r\n")
            client.sendall(outgoing.read())

        thread = threading.Thread(target=shake)
        thread.start()
        assert wire.start_tls(certificates.server_context())
        assert wire.read_line(timeout_s=1.0) == b"CAPA\r\n"
        thread.join()
        assert [e.kind for e in log] == [Kind.CONNECT, Kind.TLS, Kind.RX]


@pytest.mark.parametrize("asks", [True, False])
def test_a_client_is_asked_for_its_certificate_or_not(asks: bool) -> None:
    context = client_context()
    context.load_cert_chain(*map(str, certificates.client_files()))
    with connection() as (wire, client, _):
        is_up, secure, _ = handshake(wire, client, context=context, asks=asks)
        assert is_up and secure is not None
        assert wire.client == (certificates.CLIENT if asks else "")
        secure.close()


def test_a_silent_client_is_not_waited_for_any_longer() -> None:
    with connection(timeout_s=0.05) as (wire, _, log):
        assert not wire.start_tls(certificates.server_context())
        assert tls_events(log)[0]["reason"] == "the client does not complete the handshake in time"


# -- in traces --------------------------------------------------------------------------

STLS = GREETING + "A: pop3.stls\nC: STLS\nS: +OK\n= starttls{}\nR: ok|protocol-error\n"


def stls(client: Client, trusts: bool = True) -> None:
    client.say(b"STLS\r\n")
    client.hear(b"+OK\r\n")
    try:
        client.secure(trusts)
    except ssl.SSLError:
        client.close()


def test_a_trace_goes_on_inside_tls() -> None:
    played = play(STLS.format("") + NOOP, greeted, stls, noop)
    assert played.findings == []
    assert [e.line for e in played.log if e.kind is Kind.TLS] == [11]


def test_a_trace_may_begin_with_tls() -> None:
    timeline = "A: pop3.connect tls=implicit\n= starttls\nS: +OK ready\nR: ok\n" + NOOP

    def connects(client: Client) -> None:
        client.secure()
        greeted(client)

    assert play(timeline, connects, noop).findings == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_client_that_breaks_a_bad_handshake_off_has_no_findings(fault: str) -> None:
    timeline = STLS.format(f" {fault}") + "= expect-eof\n"
    assert play(timeline, greeted, lambda client: stls(client, trusts=False)).findings == []


def test_a_client_that_accepts_a_bad_certificate_does_not_leave() -> None:
    timeline = STLS.format(" expired") + "A: pop3.noop\n= expect-eof\nR: io-error\n"
    played = play(timeline, greeted, stls, lambda client: client.say(b"NOOP\r\n"))
    (finding,) = played.findings
    assert finding.actual == "NOOP\\r\\n"


@pytest.mark.parametrize("fault", ["", " expired"])
def test_a_client_that_goes_on_in_clear_is_found(fault: str) -> None:
    def goes_on(client: Client) -> None:
        client.say(b"STLS\r\n")
        client.hear(b"+OK\r\n")
        client.say(b"USER mrose\r\n")

    (finding,) = play(STLS.format(fault), greeted, goes_on).findings
    assert (finding.line, finding.actual) == (11, "USER mrose\\r\\n")


def test_a_client_that_leaves_instead_of_a_good_handshake_is_found() -> None:
    def leaves(client: Client) -> None:
        client.say(b"STLS\r\n")
        client.hear(b"+OK\r\n")
        client.close()

    (finding,) = play(STLS.format(""), greeted, leaves).findings
    assert finding.reason == "the client does not complete the TLS handshake"


def test_octets_between_the_reply_and_the_handshake_are_found() -> None:
    """Commands that are sent together with STLS are in the clear, and surplus."""

    def hasty(client: Client) -> None:
        client.say(b"STLS\r\nCAPA\r\n")
        client.hear(b"+OK\r\n")

    (finding,) = play(STLS.format(""), greeted, hasty).findings
    assert (finding.line, finding.actual) == (11, "CAPA\\r\\n")


def test_a_handshake_may_stay_unanswered() -> None:
    def says_hello(client: Client) -> None:
        client.say(b"STLS\r\n")
        client.hear(b"+OK\r\n")
        client.say(b"\x16\x03\x01 a record")
        client.sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.sock.recv(1)

    assert play(STLS.format(" silent"), greeted, says_hello).findings == []
