"""Tests of what conformance/cli does."""
