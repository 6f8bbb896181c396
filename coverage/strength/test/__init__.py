"""Tests of the measure of strength."""
