"""Tests of what conformance/plugin does."""
