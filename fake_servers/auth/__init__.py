"""What a client sends to prove that it knows a secret: the formulas of APOP and SASL."""
