"""Commands that a client sends although its trace does not name them."""
