"""The scripted server: plays the timeline of a trace."""
