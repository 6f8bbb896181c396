"""Plays cases and judges them."""
