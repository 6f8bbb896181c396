"""Tests of what conformance/run does."""
