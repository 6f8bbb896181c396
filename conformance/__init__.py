"""The conformance suite: register, model, monitors, cases, subjects, runner, reports."""
