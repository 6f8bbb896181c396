"""Traces: their syntax, parser, templates and values."""
