"""Files on this machine: those that a user names, and the temporary folders of a run."""
