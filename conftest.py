"""Plain `pytest` in a clone knows the traces by this plugin; installed, by its entry point."""

pytest_plugins = ["conformance.plugin"]
