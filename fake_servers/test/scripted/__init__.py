"""Tests of the scripted server."""
