"""Python's own clients, poplib and smtplib, as ops and goals."""
