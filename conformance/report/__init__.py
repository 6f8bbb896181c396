"""The reports of a run: one results.json, and everything else rendered from it."""
