"""Tests of what conformance/record does."""
