"""The protocol model: which moves a POP3 or SMTP client may make, from the RFCs alone."""
