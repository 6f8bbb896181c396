"""Tests of the suite against real servers; `./mailspec setup servers` installs these."""
