"""Tests of the servers for clients that somebody starts by hand."""
