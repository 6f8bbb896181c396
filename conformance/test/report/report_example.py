"""A small run with one of everything, for the tests of the reports."""

from __future__ import annotations

from pathlib import Path

from conformance import requirements
from conformance.report.context import RunContext
from conformance.subject.table import parse_table
from conformance.verdict import CaseRun, Difference, Verdict
from fake_servers.log import EventLog, Kind

TABLE = "\n".join(
    [
        "protocol\tstate\tevent\taction\tnext\trfc\tinternal",
        "pop3\tSTART\tCONNECTED\tNONE\tWAIT_GREETING\tRFC 1939 section 4\t0",
        "pop3\tWAIT_GREETING\tGREETING_OK\tREADY\tAUTHORIZATION\tRFC 1939 section 4\t0",
        "pop3\t*\tEOF\tFAIL\tFAILED\tRFC 1939 section 3\t0",
        "smtp\tSTART\tCONNECTED\tNONE\tWAIT_GREETING\tRFC 5321 section 3.1\t1",
    ]
)
EVIL = "<script>alert(1)</script>\x1b[31m\r\n& ]]> | `x`"
GREETED = (("START", "CONNECTED", "WAIT_GREETING"), ("WAIT_GREETING", "EOF", "FAILED"))
DIGEST = CaseRun(
    "pop3.digest",
    "octets",
    Verdict.FAIL,
    wire=Verdict.FAIL,
    reason="the digest is in upper case",
    difference=Difference("pop3/example.trace", 12, 7, r"APOP a 0f\r\n", r"APOP a 0F\r\n"),
    requirements=("RFC1939-7-APOP-01",),
    monitors=("lines-end-in-crlf",),
    file="pop3/example.trace",
    title="The digest",
    rerun="./mailspec run pop3.digest --variant octets --seed 7",
    log="logs/digest.jsonl",
)


def runs() -> list[CaseRun]:
    """Two variants of a case that passes, of one that fails in one of them, and the rest."""
    return [
        CaseRun("pop3.good", "whole", Verdict.PASS, api=Verdict.PASS, seconds=0.25),
        CaseRun("pop3.good", "octets", Verdict.PASS, moves_taken=GREETED, log="logs/good.jsonl"),
        DIGEST,
        CaseRun("pop3.digest", "whole", Verdict.PASS, requirements=("RFC1939-7-APOP-01",)),
        CaseRun("smtp.evil", "whole", Verdict.CRASH, reason=EVIL, title=EVIL, stderr=EVIL),
        CaseRun("smtp.known", "whole", Verdict.FAIL, reason="as ever"),
        CaseRun("smtp.untold/rcpt/251", "whole", Verdict.UNSUPPORTED, reason="smtp.chunking"),
        CaseRun("smtp.legal", "whole", Verdict.NON_STRICT, requirements=("RFC1939-3-CMD-01",)),
        CaseRun("smtp.broken", "whole", Verdict.ERROR, reason="the driver did not start"),
    ]


def context() -> RunContext:
    """The context that belongs to runs()."""
    return RunContext(
        subject_name="example",
        subject_version="1.0",
        subject_level=1,
        subject_features=("steps", "pop3", "moves"),
        variants=("whole", "octets"),
        seed=7,
        proves={},
        register=requirements.load(),
        tables=parse_table(TABLE),
        expected={"smtp.known": Verdict.FAIL},
        unexpected=frozenset(
            {("pop3.digest", "octets"), ("smtp.evil", "whole"), ("smtp.broken", "whole")}
        ),
        variants_left_out={"ipv6": "no ::1"},
    )


def write_logs(out_dir: Path) -> None:
    """The event logs that two of the runs name."""
    log = EventLog()
    log.append(Kind.CALL, data={"op": "pop3.apop", "args": {"host": "::1", "user": EVIL}})
    log.append(Kind.CONNECT, connection=1)
    for octet in b"+OK <b>\r\n":
        log.append(Kind.TX, connection=1, octets=bytes([octet]), line=11)
    log.append(Kind.RX, connection=1, octets=b"APOP a 0F\r\n", line=12)
    log.append(Kind.RX, connection=1, octets=b"\xff\x00<i>\n", line=13)
    log.append(Kind.MOVE, data={"state": "A", "event": "B", "next": "C"})
    log.append(Kind.RETURN, data={"outcome": "ok", "value": {"reply": "+OK"}})
    log.append(Kind.EOF, connection=1)
    folder = out_dir / "logs"
    folder.mkdir(parents=True)
    text = "".join(event.to_json() + "\n" for event in log)
    (folder / "good.jsonl").write_text(text, encoding="utf-8")
    (folder / "digest.jsonl").write_text(text, encoding="utf-8")
