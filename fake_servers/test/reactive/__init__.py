"""Tests of the reactive servers."""
