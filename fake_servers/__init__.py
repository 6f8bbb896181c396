"""Fake POP3 and SMTP servers with a byte-exact wire, for tests of mail clients."""
