"""Logins by AUTH: their arguments, and their responses as formulas."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.first_response import SERVER_FIRST
from conformance.model.framer import FrameKind
from conformance.record.exchange import Exchange
from conformance.record.notation import lines, quoted
from conformance.record.secrets import Secrets
from fake_servers.auth import digests, scram

_CHALLENGE = {"pop3": "+", "smtp": "334"}
_ASKS_FOR_USER = "VXNlcm5hbWU6"
"""The usual first challenge of LOGIN, `Username:` in base64."""
_MADE_UP_CHALLENGE = "made-up-challenge"
_SIGNATURE = b"dj"
"""`v=` in base64: the server shows its signature of SCRAM."""

_FIRST = {"pop3": "RFC5034-4-IR-01", "smtp": "RFC4954-4-IR-01"}
_PROVES = {
    "PLAIN": "RFC4616-2-MSG-01",
    "LOGIN": "DRAFTLOGIN-2.1-FLOW-01",
    "CRAM-MD5": "RFC2195-2-DIGEST-01",
    "SCRAM-SHA-1": "RFC5802-3-MATH-01",
    "SCRAM-SHA-256": "RFC7677-3-SHA256-01",
    "XOAUTH2": "XOAUTH2-InitialClientResponse-MSG-01",
    "OAUTHBEARER": "RFC7628-3.1-MSG-01",
    "ANONYMOUS": "RFC4505-2-MSG-01",
}


class Unclear(Exception):
    """Why a login cannot be told as a call; a sentence without its end."""


@dataclass(slots=True)
class Login:
    """A login as a trace has it.

    args      of the call
    wire      its lines of the wire, without a secret
    problem   why it has no call; empty if it has one
    notes     what is written differently from what was sent
    proves    the requirement that it shows
    """

    args: dict[str, object]
    wire: list[str]
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    proves: str = ""


@dataclass(slots=True)
class _Talk:
    """The messages of one exchange, decoded.

    sent      of the client; `asked` are those of the server, from the first that is not empty
    secrets   for the stand-ins
    args      found so far
    forms     what stands for each message of the client; verify: for the server's last one
    hides     what the server asks behind the first response may show the secret, too
    """

    sent: list[bytes]
    asked: list[bytes]
    secrets: Secrets
    args: dict[str, object] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)
    verify: str = ""
    hides: bool = False
    notes: list[str] = field(default_factory=list)

    def keep(self, secret: bytes | None = None) -> str:
        """The stand-in of the secret, which becomes an argument."""
        name = self.secrets.stand_in(secret)
        self.args["secret"] = name
        return name

    def check(self, matches: Callable[[bytes], bool]) -> None:
        """Note a response that is not that of the secret that the user has told."""
        if self.secrets.known and not matches(self.secrets.known):
            self.notes.append("the client's response was not the right one for the given secret")


def read(exchange: Exchange, protocol: str, secrets: Secrets) -> Login:
    """The login of an AUTH command. Whatever happens, no response stays as it was sent."""
    words = exchange.command.text.decode("ascii", "replace").split()
    if len(words) < 2:
        wire = [
            "C: AUTH",
            *(row for each in exchange.frames[1:] for row in lines("S", each.octets)),
        ]
        return Login({}, wire, "AUTH without a mechanism")
    mechanism, initial = words[1].upper(), words[2:3]
    texts = [*initial, *(each.text.decode("ascii", "replace") for each in exchange.said)]
    talk = _Talk([], [], secrets)
    problem = ""
    try:
        talk.sent = [_decoded(text) for text in texts]
        talk.asked = _challenges(exchange)
        _read(mechanism, talk)
    except (Unclear, scram.BadMessage) as error:
        problem, talk.hides = str(error), True
    if "*" in texts:
        problem = "the client cancels the login"
    while len(talk.forms) < len(texts):
        text = texts[len(talk.forms)]
        talk.forms.append(text if text in ("", "=", "*") else f"${{b64 {secrets.stand_in()}}}")
    order = ("user", "secret", "authzid", "nonce", "answers")
    talk.args = {"mech": mechanism} | {key: talk.args[key] for key in order if key in talk.args}
    if mechanism not in SERVER_FIRST:
        talk.args["initial"] = "yes" if initial else "no"
    elif initial and mechanism == "LOGIN":
        talk.notes.append(
            "the client sent the user of LOGIN with the command; LOGIN has no such way"
        )
    wire = _wire(exchange, protocol, mechanism, bool(initial), talk)
    return Login(talk.args, wire, problem, talk.notes, _PROVES.get(mechanism, _FIRST[protocol]))


def _challenges(exchange: Exchange) -> list[bytes]:
    """What the server asks, decoded; an empty first challenge only asks for the first response."""
    texts = [each.text.partition(b" ")[2] for each in exchange.replies[:-1]]
    asked = [_decoded(text.decode("ascii", "replace")) for text in texts]
    return asked[1:] if asked[:1] == [b""] else asked


def _decoded(text: str) -> bytes:
    try:
        return b"" if text in ("=", "*") else base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unclear("a line of the login is not base64") from None


def _wire(
    exchange: Exchange, protocol: str, mechanism: str, has_initial: bool, talk: _Talk
) -> list[str]:
    forms = list(talk.forms)
    asks = _CHALLENGE[protocol]
    rows = [f"C: AUTH {mechanism}"]
    if has_initial and mechanism == "LOGIN":
        rows += [f"S: {asks} {_ASKS_FOR_USER}", f"C: {forms.pop(0)}"]
    elif has_initial:
        rows[0] += f" {forms.pop(0)}"
    has_answered = has_initial
    for frame in exchange.frames[1:]:
        if frame.kind is FrameKind.RESPONSE:
            rows.append(f"C: {forms.pop(0)}".rstrip())
            has_answered = True
            continue
        text = frame.text.partition(b" ")[2]
        is_challenge = frame is not exchange.frames[-1] and text != b""
        if talk.verify and text.startswith(_SIGNATURE):
            rows.append(f"S: {asks} {talk.verify}")
        elif talk.hides and has_answered and is_challenge:
            rows.append(f"S: {asks} ${{b64 {_MADE_UP_CHALLENGE}}}")
        else:
            rows += lines("S", frame.octets)
    return rows


def _read(mechanism: str, talk: _Talk) -> None:
    """Fill in the arguments and the forms; raises Unclear."""
    if mechanism.startswith("SCRAM-") and mechanism.endswith("-PLUS"):
        raise Unclear(f"{mechanism} binds the login to a TLS connection that ends in the recorder")
    if mechanism == "EXTERNAL":
        raise Unclear("EXTERNAL needs a certificate of the client, which the recorder cannot show")
    reader = _READERS.get(mechanism)
    if reader is None:
        return _unknown(talk)
    if not talk.sent:
        raise Unclear("the login ends before the client says who it is")
    return reader(talk)


def _plain(talk: _Talk) -> None:
    parts = talk.sent[0].split(b"\0")
    if len(parts) != 3:
        raise Unclear("the message of PLAIN has not three parts")
    authzid, user, secret = parts
    talk.args["user"] = user
    name = talk.keep(secret)
    if authzid:
        talk.args["authzid"] = authzid
    talk.forms.append(f"${{plain {quoted(authzid)} {quoted(user)} {name}}}")


def _login(talk: _Talk) -> None:
    talk.args["user"] = talk.sent[0]
    name = talk.keep(talk.sent[1] if len(talk.sent) > 1 else None)
    talk.forms.append(f"${{b64 {quoted(talk.sent[0])}}}")
    if len(talk.sent) > 1:
        talk.forms.append(f"${{b64 {name}}}")


def _cram(talk: _Talk) -> None:
    user, blank, _ = talk.sent[0].rpartition(b" ")
    if not blank or not talk.asked:
        raise Unclear("the response of CRAM-MD5 has no user and digest")
    name = talk.keep()
    talk.args["user"] = user
    talk.check(lambda secret: digests.cram_md5(user, secret, talk.asked[0]) == talk.sent[0])
    talk.forms.append(f"${{cram {quoted(user)} {name} {quoted(talk.asked[0])}}}")


def _scram(hash_name: str) -> Callable[[_Talk], None]:
    def read_messages(talk: _Talk) -> None:
        first, header = talk.sent[0], scram.gs2_header(talk.sent[0])
        flag, authzid, _ = header.split(b",")
        found = scram.attributes(first[len(header) :])
        if flag not in (b"n", b"y") or not {b"n", b"r"} <= set(found):
            raise Unclear("the first message of SCRAM has not the usual form")
        usual = b"n,%s,n=%s,r=%s" % (authzid, found[b"n"], found[b"r"])
        if usual != first:
            talk.notes.append("the first message of SCRAM is written in its usual form")
        talk.args |= {"user": scram.read_name(found[b"n"]), "nonce": found[b"r"]}
        name = talk.keep()
        if authzid:
            talk.args["authzid"] = scram.read_name(authzid.removeprefix(b"a="))
        encoded = base64.b64encode(usual).decode()
        talk.forms.append(encoded)
        if len(talk.sent) > 1 and talk.asked:
            opening = base64.b64encode(talk.asked[0]).decode()
            words = f'{hash_name} {name} "{encoded}" "{opening}"'
            talk.forms.append(f"${{scram_final {words}}}")
            talk.verify = f"${{scram_verify {words}}}"
            exchange = scram.ScramExchange(hash_name.replace("-", ""), first, talk.asked[0])
            talk.check(lambda secret: talk.sent[1].endswith(b",p=" + exchange.proof(secret)))

    return read_messages


def _xoauth2(talk: _Talk) -> None:
    user, token = _fields(talk.sent[0], b"user=")
    name = talk.keep(token)
    talk.args["user"] = user
    talk.forms.append(f"${{xoauth2 {quoted(user)} {name}}}")
    talk.forms += [base64.b64encode(each).decode() for each in talk.sent[1:]]


def _oauthbearer(talk: _Talk) -> None:
    """The message names the host and the port of the server, which another run does not have."""
    user, token = _fields(talk.sent[0], b"n,a=")
    talk.keep(token)
    talk.args["user"] = user.removesuffix(b",")
    talk.forms.append("$response")
    talk.notes.append(
        "the first response names host and port of the server; any word stands for it"
    )
    talk.forms += [base64.b64encode(each).decode() for each in talk.sent[1:]]


def _fields(message: bytes, before_user: bytes) -> tuple[bytes, bytes]:
    """User and token of a message whose fields end in ^A."""
    fields = message.split(b"\x01")
    bearer = b"auth=bearer "
    tokens = [each[len(bearer) :] for each in fields if each.lower().startswith(bearer)]
    if not fields[0].startswith(before_user) or len(tokens) != 1:
        raise Unclear("the message has no user and token")
    return fields[0][len(before_user) :], tokens[0]


def _anonymous(talk: _Talk) -> None:
    talk.args["user"] = talk.sent[0]
    talk.forms.append(base64.b64encode(talk.sent[0]).decode() or "=")


def _unknown(talk: _Talk) -> None:
    """Nobody knows where the secret is: each response becomes the stand-in."""
    name = talk.secrets.stand_in()
    talk.args["answers"] = [name if each else b"" for each in talk.sent]
    talk.hides = True


_READERS: dict[str, Callable[[_Talk], None]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram,
    "SCRAM-SHA-1": _scram("sha-1"),
    "SCRAM-SHA-256": _scram("sha-256"),
    "XOAUTH2": _xoauth2,
    "OAUTHBEARER": _oauthbearer,
    "ANONYMOUS": _anonymous,
}
