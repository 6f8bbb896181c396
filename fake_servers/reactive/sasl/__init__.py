"""The server's side of SASL: mechanisms, and the lines of AUTH around them."""

from fake_servers.reactive.sasl.dialogue import LINE_LIMIT, MECHANISMS, Dialogue
from fake_servers.reactive.sasl.mechanism import AuthStep

__all__ = ["LINE_LIMIT", "MECHANISMS", "AuthStep", "Dialogue"]
