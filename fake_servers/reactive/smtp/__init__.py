"""A correct SMTP or LMTP server's side of one session, as submission has it."""

from fake_servers.reactive.smtp.session import SmtpSession
from fake_servers.reactive.smtp.state import COMMAND_LIMIT, RECIPIENT_LIMIT, Delivered, DeliveryHook

__all__ = ["COMMAND_LIMIT", "RECIPIENT_LIMIT", "Delivered", "DeliveryHook", "SmtpSession"]
