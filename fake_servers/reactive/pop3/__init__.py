"""A correct POP3 server's side of one session, by the states of RFC 1939."""

from fake_servers.reactive.pop3.session import COMMAND_LIMIT, Pop3Session

__all__ = ["COMMAND_LIMIT", "Pop3Session"]
