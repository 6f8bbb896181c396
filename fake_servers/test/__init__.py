"""Tests of the fake servers and of the traces' notation."""
