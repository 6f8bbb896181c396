"""Tests of the linter, the tree of traces and the register."""
