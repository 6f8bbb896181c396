"""How strong the suite is: seeded bugs that it must find, mutants that its vectors must kill."""
