"""Empty: eisen.transforms asks for the name and, in these tests, for nothing of it."""
