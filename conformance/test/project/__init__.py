"""Tests of the project itself: its pages, packages, launcher and structure."""
