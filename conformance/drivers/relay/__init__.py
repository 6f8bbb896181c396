"""Relays as clients: what their drivers share, and what asks each of them."""
