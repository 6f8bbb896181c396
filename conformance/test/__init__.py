"""Tests of the tools in conformance."""
