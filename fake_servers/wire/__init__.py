"""The wire: one connection, octet by octet, with every event in the log."""
