"""Tests of the language of traces."""
