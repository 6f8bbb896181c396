"""Tests of what conformance/model does."""
