"""Tests of what conformance/subject does."""
