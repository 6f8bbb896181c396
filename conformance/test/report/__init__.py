"""Tests of what conformance/report does."""
