"""Level 1 drivers of clients that speak no JSON lines themselves; each runs as a process of its own."""
