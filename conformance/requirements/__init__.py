"""The register: every requirement that the RFCs put on a POP3 or SMTP session."""

from conformance.requirements.register import Register, RegisterError, Requirement, load

__all__ = ["Register", "RegisterError", "Requirement", "load"]
