"""Level 1 drivers for clients that do not speak JSON lines; each is a process of its own."""
